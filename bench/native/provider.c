// provider SECONDS
//
// A fake OpenAI provider that costs next to nothing: one thread, epoll, HTTP/1.1 with keep-alive, answers made once at the
// start. Listens on a free port of 127.0.0.1, 127.0.0.2 and 127.0.0.3 (three upstreams for a gateway, and nothing beyond
// loopback), prints `listening PORT`, and ends after SECONDS.
//
// - POST with `"stream":true`: an event stream, chunked, one send for each event (about 220 bytes), usage in the last one. The
//   opening, which says nothing yet, comes together with the first piece of text, as it does from the real one.
// - Any other POST: an answer of 1.2 KB with usage.
// - `"user":"d<ms>n<events>"` in the body: the pause between events (before the answer, when it is no stream) and how many.
// - GET: what was seen so far: requests, streams, and `bad`: how many did not ask for gpt-4o-mini with our credential.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { eventsPerWait = 512, smallestRoom = 8192, maxBodyBytes = 8 << 20, maxDelays = 16, addresses = 3 };

typedef struct {
  int fd;
  char *input;
  size_t inputBytes, inputRoom;
  // The piece that is being sent.
  const char *piece;
  size_t pieceBytes, pieceSent;
  // The answer that is being made.
  bool isBusy, isStream, isBlocked;
  int events, eventsLeft, delayMs;
  // A pause that was begun for an older answer must not wake a newer one.
  uint64_t generation;
} Connection;

typedef struct {
  char text[4096];
  size_t bytes;
} Piece;

// --- what is sent ---------------------------------------------------------------------------------------------------------

static Piece wholeAnswer, streamHead, firstEvents, middleEvent, lastEvents;

static void append(Piece *piece, const char *text) {
  size_t bytes = strlen(text);
  memcpy(piece->text + piece->bytes, text, bytes + 1);
  piece->bytes += bytes;
}

static void appendHead(Piece *piece, const char *contentType, const char *framing) {
  char head[1024];
  snprintf(head, sizeof head,
           "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
           "openai-organization: org-x\r\nopenai-processing-ms: 12\r\nopenai-version: 2020-10-01\r\n"
           "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\n"
           "x-request-id: req_0123456789abcdef0123456789abcdef\r\n%s\r\n",
           contentType, framing);
  append(piece, head);
}

static void appendChunk(Piece *piece, const char *text) {
  char size[32];
  snprintf(size, sizeof size, "%zx\r\n", strlen(text));
  append(piece, size);
  append(piece, text);
  append(piece, "\r\n");
}

static void makeEvent(Piece *piece, const char *delta, const char *usage) {
  char event[1024];
  snprintf(event, sizeof event,
           "data: {\"id\":\"chatcmpl-0123456789abcdefghijklmnopqrs\",\"object\":\"chat.completion.chunk\","
           "\"created\":1700000000,\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[%s],\"usage\":%s}\n\n",
           delta, usage);
  appendChunk(piece, event);
}

static void makeAnswers(void) {
  char said[641], body[2048], length[64];
  for (int place = 0; place < 640; place++) said[place] = place % 6 == 5 ? ' ' : 'a';
  said[640] = 0;
  snprintf(body, sizeof body,
           "{\"id\":\"chatcmpl-0123456789abcdefghijklmnopqrs\",\"object\":\"chat.completion\",\"created\":1700000000,"
           "\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
           "\"content\":\"%s\",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
           "\"usage\":{\"prompt_tokens\":419,\"completion_tokens\":110,\"total_tokens\":529,"
           "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},\"completion_tokens_details\":"
           "{\"reasoning_tokens\":0,\"audio_tokens\":0,\"accepted_prediction_tokens\":0,"
           "\"rejected_prediction_tokens\":0}},\"service_tier\":\"default\",\"system_fingerprint\":\"fp_0123456789\"}",
           said);
  snprintf(length, sizeof length, "Content-Length: %zu\r\n", strlen(body));
  appendHead(&wholeAnswer, "application/json", length);
  append(&wholeAnswer, body);

  appendHead(&streamHead, "text/event-stream; charset=utf-8", "Transfer-Encoding: chunked\r\n");
  makeEvent(&firstEvents, "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}", "null");
  makeEvent(&firstEvents, "{\"index\":0,\"delta\":{\"content\":\"A\"},\"finish_reason\":null}", "null");
  makeEvent(&middleEvent, "{\"index\":0,\"delta\":{\"content\":\" token\"},\"finish_reason\":null}", "null");
  makeEvent(&lastEvents, "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}", "null");
  makeEvent(&lastEvents, "",
            "{\"prompt_tokens\":419,\"completion_tokens\":50,\"total_tokens\":469,"
            "\"prompt_tokens_details\":{\"cached_tokens\":0}}");
  appendChunk(&lastEvents, "data: [DONE]\n\n");
  append(&lastEvents, "0\r\n\r\n");
}

// --- pauses ---------------------------------------------------------------------------------------------------------------

typedef struct {
  uint64_t dueUs, generation;
  Connection *connection;
} Pause;

// All pauses of one length end in the order in which they began, so each length has a queue and no heap is needed.
typedef struct {
  int delayMs;
  Pause *pauses;
  size_t first, after, room;
} Queue;

static Queue queues[maxDelays];
static int queueCount;

static uint64_t nowUs(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

static void pauseFor(Connection *connection) {
  int place = 0;
  while (place < queueCount && queues[place].delayMs != connection->delayMs) place++;
  if (place == maxDelays) {
    fprintf(stderr, "provider: more than %d different pauses\n", maxDelays);
    exit(1);
  }
  Queue *queue = &queues[place];
  if (place == queueCount) {
    queueCount++;
    queue->delayMs = connection->delayMs;
  }
  if (queue->after - queue->first == queue->room) {
    size_t room = queue->room ? queue->room * 2 : 4096;
    Pause *pauses = malloc(room * sizeof *pauses);
    for (size_t at = queue->first; at < queue->after; at++) pauses[at - queue->first] = queue->pauses[at % queue->room];
    free(queue->pauses);
    *queue = (Queue){queue->delayMs, pauses, 0, queue->after - queue->first, room};
  }
  queue->pauses[queue->after++ % queue->room] =
      (Pause){nowUs() + (uint64_t)connection->delayMs * 1000, connection->generation, connection};
}

static uint64_t nextDueUs(void) {
  uint64_t next = UINT64_MAX;
  for (int place = 0; place < queueCount; place++) {
    Queue *queue = &queues[place];
    if (queue->first == queue->after) continue;
    uint64_t dueUs = queue->pauses[queue->first % queue->room].dueUs;
    if (dueUs < next) next = dueUs;
  }
  return next;
}

// --- one connection -------------------------------------------------------------------------------------------------------

static int poll;
static uint64_t generations, requests, streams, bad;

static void readCalls(Connection *connection);

static void watch(Connection *connection, uint32_t events, int how) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  epoll_ctl(poll, how, connection->fd, &event);
}

static void drop(Connection *connection) {
  close(connection->fd);
  free(connection->input);
  // The connection itself is left: a pause may still point to it. A run's few thousand are no matter.
  *connection = (Connection){.fd = -1, .generation = ++generations};
}

static void sendPiece(Connection *connection, const char *piece, size_t bytes) {
  connection->piece = piece;
  connection->pieceBytes = bytes;
  connection->pieceSent = 0;
}

// Whether the piece has gone.
static bool flush(Connection *connection) {
  while (connection->pieceSent < connection->pieceBytes) {
    ssize_t sent = send(connection->fd, connection->piece + connection->pieceSent,
                        connection->pieceBytes - connection->pieceSent, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      if (!connection->isBlocked) watch(connection, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
      connection->isBlocked = true;
      return false;
    }
    if (sent < 0) {
      drop(connection);
      return false;
    }
    connection->pieceSent += (size_t)sent;
  }
  return true;
}

// Sends what is due of the answer, until a pause, a full socket or the end.
static void goOn(Connection *connection) {
  while (flush(connection)) {
    if (connection->eventsLeft == 0) {
      connection->isBusy = false;
      return readCalls(connection);
    }
    if (!connection->isStream) {
      connection->eventsLeft = 0;
      sendPiece(connection, wholeAnswer.text, wholeAnswer.bytes);
      continue;
    }
    bool isFirst = connection->eventsLeft == connection->events;
    connection->eventsLeft--;
    const Piece *piece = connection->eventsLeft == 0 ? &lastEvents : isFirst ? &firstEvents : &middleEvent;
    sendPiece(connection, piece->text, piece->bytes);
    if (!flush(connection)) return;
    if (connection->eventsLeft > 0 && connection->delayMs > 0) return pauseFor(connection);
  }
}

static void tellWhatWasSeen(Connection *connection) {
  static char answer[512];
  char body[256];
  int bodyBytes = snprintf(body, sizeof body, "{\"requests\":%lu,\"streams\":%lu,\"bad\":%lu}", requests, streams, bad);
  int bytes = snprintf(answer, sizeof answer,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", bodyBytes, body);
  sendPiece(connection, answer, (size_t)bytes);
  flush(connection);
}

// Where the body of a call ends, or 0 when it has not all come.
static size_t endOfCall(const char *input, size_t inputBytes, size_t headBytes) {
  const char *length = strcasestr(input, "\r\ncontent-length:");
  if (length != NULL && length < input + headBytes) {
    size_t bodyBytes = strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
    return inputBytes >= headBytes + bodyBytes ? headBytes + bodyBytes : 0;
  }
  const char *lastChunk = memmem(input + headBytes, inputBytes - headBytes, "0\r\n\r\n", 5);
  return lastChunk != NULL ? (size_t)(lastChunk - input) + 5 : 0;
}

static void readCall(Connection *connection, const char *call) {
  requests++;
  bool isOurs = strstr(call, "Bearer upstream-secret") != NULL && strstr(call, "\"model\":\"gpt-4o-mini\"") != NULL;
  if (!isOurs) bad++;
  connection->isStream = strstr(call, "\"stream\":true") != NULL;
  if (connection->isStream) streams++;
  connection->delayMs = 0;
  connection->events = 50;
  const char *wish = strstr(call, "\"user\":\"d");
  if (wish != NULL) sscanf(wish, "\"user\":\"d%dn%d", &connection->delayMs, &connection->events);
  if (connection->events < 2) connection->events = 2;
  connection->eventsLeft = connection->events;
}

static void readCalls(Connection *connection) {
  if (connection->isBusy || connection->inputBytes == 0) return;
  char *input = connection->input;
  input[connection->inputBytes] = 0;
  char *headEnd = memmem(input, connection->inputBytes, "\r\n\r\n", 4);
  if (headEnd == NULL) return;
  size_t headBytes = (size_t)(headEnd - input) + 4;
  bool isGet = memcmp(input, "GET ", 4) == 0;
  size_t callBytes = isGet ? headBytes : endOfCall(input, connection->inputBytes, headBytes);
  if (callBytes == 0) return;
  char after = input[callBytes];
  input[callBytes] = 0;
  if (!isGet) readCall(connection, input);
  input[callBytes] = after;
  connection->inputBytes -= callBytes;
  memmove(input, input + callBytes, connection->inputBytes);
  if (isGet) return tellWhatWasSeen(connection);
  connection->isBusy = true;
  connection->generation = ++generations;
  if (connection->isStream) sendPiece(connection, streamHead.text, streamHead.bytes);
  if (!connection->isStream && connection->delayMs > 0) pauseFor(connection);
  else goOn(connection);
}

static void receive(Connection *connection) {
  for (;;) {
    if (connection->inputRoom - connection->inputBytes < smallestRoom) {
      connection->inputRoom = connection->inputRoom ? connection->inputRoom * 2 : smallestRoom * 2;
      if (connection->inputRoom > maxBodyBytes) return drop(connection);
      connection->input = realloc(connection->input, connection->inputRoom + 1);
    }
    size_t room = connection->inputRoom - connection->inputBytes;
    ssize_t got = recv(connection->fd, connection->input + connection->inputBytes, room, 0);
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) return drop(connection);
    connection->inputBytes += (size_t)got;
    if ((size_t)got < room) break;
  }
  readCalls(connection);
}

static void writable(Connection *connection) {
  connection->isBlocked = false;
  watch(connection, EPOLLIN, EPOLL_CTL_MOD);
  if (!connection->isBusy || !flush(connection)) return;
  if (connection->isStream && connection->eventsLeft > 0 && connection->delayMs > 0) pauseFor(connection);
  else goOn(connection);
}

// --- all of them ----------------------------------------------------------------------------------------------------------

static void acceptAll(int listener) {
  int fd, on = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Connection *connection = calloc(1, sizeof *connection);
    connection->fd = fd;
    connection->generation = ++generations;
    watch(connection, EPOLLIN, EPOLL_CTL_ADD);
  }
}

static int listenOn(int last, int port) {
  int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr = {htonl(INADDR_LOOPBACK - 1 + (uint32_t)last)}};
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 8192) != 0) {
    perror("provider: listen");
    exit(1);
  }
  return fd;
}

static int portOf(int fd) {
  struct sockaddr_in address;
  socklen_t bytes = sizeof address;
  getsockname(fd, (struct sockaddr *)&address, &bytes);
  return ntohs(address.sin_port);
}

static void endPauses(void) {
  uint64_t now = nowUs();
  for (int place = 0; place < queueCount; place++) {
    Queue *queue = &queues[place];
    while (queue->first < queue->after) {
      Pause pause = queue->pauses[queue->first % queue->room];
      if (pause.dueUs > now) break;
      queue->first++;
      if (pause.connection->generation == pause.generation) goOn(pause.connection);
    }
  }
}

int main(int count, char **words) {
  if (count != 2) {
    fprintf(stderr, "provider SECONDS\n");
    return 2;
  }
  alarm((unsigned)atoi(words[1]));
  makeAnswers();
  poll = epoll_create1(0);
  int listeners[addresses];
  for (int place = 0; place < addresses; place++) {
    listeners[place] = listenOn(place + 1, place == 0 ? 0 : portOf(listeners[0]));
    // Low numbers in `data` are listeners, all else is a connection.
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)place};
    epoll_ctl(poll, EPOLL_CTL_ADD, listeners[place], &event);
  }
  printf("listening %d\n", portOf(listeners[0]));
  fflush(stdout);

  struct epoll_event events[eventsPerWait];
  for (;;) {
    uint64_t dueUs = nextDueUs(), now = nowUs();
    uint64_t waitUs = dueUs > now ? dueUs - now : 0;
    struct timespec wait = {(time_t)(waitUs / 1000000), (long)(waitUs % 1000000) * 1000};
    int ready = epoll_pwait2(poll, events, eventsPerWait, dueUs == UINT64_MAX ? NULL : &wait, NULL);
    endPauses();
    for (int place = 0; place < ready; place++) {
      if (events[place].data.u64 < addresses) {
        acceptAll(listeners[events[place].data.u64]);
        continue;
      }
      Connection *connection = events[place].data.ptr;
      if (connection->fd >= 0 && (events[place].events & EPOLLOUT)) writable(connection);
      if (connection->fd >= 0 && (events[place].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) receive(connection);
    }
  }
}
