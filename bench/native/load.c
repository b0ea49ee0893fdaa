// load -p PORT -b BODY_FILE [-c CONNECTIONS] [-w WARM_UP_SECONDS] [-n WARM_UP_CALLS] [-d SECONDS] [-r CALLS_PER_SECOND] [-s]
//      [-u PATH] [-H 'name: value']... [-P PID,PID,...]
//
// Sends the same POST again and again to 127.0.0.1 and measures: one thread, epoll, HTTP/1.1 with keep-alive. Prints one line
// of JSON and ends. One connection carries one call at a time; a connection that breaks is opened again.
//
// - The measured time begins when both warm-ups are over: code that a runtime compiles while it runs is then as good on a slow
//   machine as on a fast one. It begins after ten times the warm-up's seconds at the latest.
// - Without `-r` every connection sends its next call when the last one is answered: the gateway is saturated.
// - With `-r` calls start by the clock, and a latency counts from the moment it was due: what waits because the gateway is
//   slow is the gateway's time (no coordinated omission).
// - `-s`: answers are event streams. Events are counted, and the time to the first byte of the body is measured.
// - `-P`: adds what the gateway's processes used of the CPU (user and system) while it was measured, and their memory.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { eventsPerWait = 512, maxHeadBytes = 8192, maxBodyBytes = 4 << 20, maxProcesses = 64, maxSamples = 4000000 };

typedef enum { opening, idle, waiting } State;
typedef enum { inSize, inChunk, afterChunk, inTrailer } ChunkState;

typedef struct {
  int fd;
  State state;
  double dueAt;
  // The answer that is being read.
  char head[maxHeadBytes];
  size_t headBytes;
  bool hasHead, isChunked, hasFirstByte;
  int status;
  long bytesLeft;
  ChunkState chunkState;
  long chunkLeft;
  int lineFeeds;
} Connection;

typedef struct {
  float *seconds;
  size_t count;
} Samples;

static int port = 0, poll;
static bool isStream = false, isMeasuring = false;
static char *call;
static size_t callBytes;
static Connection *connections;
static int *idleConnections, idleCount = 0;
static Samples latencies, firstBytes;
static double measuredFrom;
static unsigned long answered, failed, refused, eventCount, totalAnswered;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void note(Samples *samples, double seconds) {
  if (samples->count < maxSamples) samples->seconds[samples->count++] = (float)seconds;
}

// --- connections ----------------------------------------------------------------------------------------------------------

static void openConnection(Connection *connection) {
  int on = 1;
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  connection->state = opening;
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  connect(connection->fd, (struct sockaddr *)&address, sizeof address);
  struct epoll_event event = {.events = EPOLLOUT, .data.ptr = connection};
  epoll_ctl(poll, EPOLL_CTL_ADD, connection->fd, &event);
}

static void rest(Connection *connection) {
  connection->state = idle;
  idleConnections[idleCount++] = (int)(connection - connections);
}

static void opened(Connection *connection) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  epoll_ctl(poll, EPOLL_CTL_MOD, connection->fd, &event);
  rest(connection);
}

static void reopen(Connection *connection) {
  // One that rested is in the list of idle ones; it must not be used while it opens.
  for (int place = 0; connection->state == idle && place < idleCount; place++)
    if (idleConnections[place] == connection - connections) idleConnections[place] = idleConnections[--idleCount];
  if (connection->state != idle) failed++;
  close(connection->fd);
  openConnection(connection);
}

static void sendCall(Connection *connection, double dueAt) {
  connection->state = waiting;
  connection->dueAt = dueAt;
  connection->headBytes = 0;
  connection->hasHead = connection->hasFirstByte = false;
  connection->chunkState = inSize;
  connection->chunkLeft = 0;
  connection->lineFeeds = 0;
  if (send(connection->fd, call, callBytes, MSG_NOSIGNAL) != (ssize_t)callBytes) reopen(connection);
}

// --- answers --------------------------------------------------------------------------------------------------------------

static void readBody(Connection *connection, const char *bytes, long count) {
  if (!isStream || count <= 0) return;
  if (!connection->hasFirstByte) {
    connection->hasFirstByte = true;
    if (isMeasuring && connection->dueAt >= measuredFrom) note(&firstBytes, now() - connection->dueAt);
  }
  // An event ends with an empty line.
  for (const char *end = bytes + count; bytes < end; bytes++) {
    if (*bytes == '\n') {
      if (++connection->lineFeeds < 2) continue;
      if (isMeasuring) eventCount++;
      connection->lineFeeds = 0;
      continue;
    }
    connection->lineFeeds = 0;
    const char *lineFeed = memchr(bytes, '\n', (size_t)(end - bytes));
    if (lineFeed == NULL) break;
    bytes = lineFeed - 1;
  }
}

// Whether the body has come to its end.
static bool readChunks(Connection *connection, const char *bytes, long count) {
  const char *end = bytes + count;
  while (bytes < end) switch (connection->chunkState) {
      case inSize: {
        char letter = *bytes++;
        if (letter >= '0' && letter <= '9') connection->chunkLeft = connection->chunkLeft * 16 + letter - '0';
        else if ((letter | 32) >= 'a' && (letter | 32) <= 'f')
          connection->chunkLeft = connection->chunkLeft * 16 + (letter | 32) - 'a' + 10;
        else if (letter == '\n') connection->chunkState = connection->chunkLeft > 0 ? inChunk : inTrailer;
        break;
      }
      case inChunk: {
        long part = end - bytes < connection->chunkLeft ? end - bytes : connection->chunkLeft;
        readBody(connection, bytes, part);
        bytes += part;
        connection->chunkLeft -= part;
        if (connection->chunkLeft == 0) connection->chunkState = afterChunk;
        break;
      }
      case afterChunk:
        if (*bytes++ == '\n') connection->chunkState = inSize;
        break;
      case inTrailer:
        if (*bytes++ == '\n') return true;
        break;
    }
  return false;
}

// How many of the bytes belong to the head; 0 when it is not whole yet, -1 when it never will be.
static long readHead(Connection *connection, const char *bytes, size_t count) {
  size_t before = connection->headBytes;
  size_t room = sizeof connection->head - 1 - before;
  size_t taken = count < room ? count : room;
  memcpy(connection->head + before, bytes, taken);
  connection->headBytes += taken;
  connection->head[connection->headBytes] = 0;
  char *end = strstr(connection->head, "\r\n\r\n");
  if (end == NULL) return taken < count ? -1 : 0;
  end[2] = 0;
  connection->hasHead = true;
  connection->status = atoi(connection->head + strlen("HTTP/1.1 "));
  const char *length = strcasestr(connection->head, "\r\ncontent-length:");
  connection->isChunked = strcasestr(connection->head, "\r\ntransfer-encoding: chunked") != NULL;
  connection->bytesLeft = length != NULL ? atol(length + strlen("\r\ncontent-length:")) : 0;
  return (long)(end + 4 - connection->head - before);
}

static void finish(Connection *connection) {
  totalAnswered++;
  if (connection->status != 200) refused++;
  if (isMeasuring && connection->dueAt >= measuredFrom) {
    answered++;
    note(&latencies, now() - connection->dueAt);
  }
  rest(connection);
}

static void readable(Connection *connection) {
  static char buffer[262144];
  ssize_t got = recv(connection->fd, buffer, sizeof buffer, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0 || connection->state != waiting) return reopen(connection);
  const char *bytes = buffer;
  if (!connection->hasHead) {
    long headBytes = readHead(connection, bytes, (size_t)got);
    if (headBytes < 0) return reopen(connection);
    if (headBytes == 0) return;
    bytes += headBytes;
    got -= headBytes;
  }
  if (connection->isChunked) {
    if (readChunks(connection, bytes, got)) finish(connection);
    return;
  }
  readBody(connection, bytes, got);
  connection->bytesLeft -= got;
  if (connection->bytesLeft <= 0) finish(connection);
}

// --- what the processes used ----------------------------------------------------------------------------------------------

typedef struct {
  double userSeconds, systemSeconds;
  long peakKb, residentKb;
} Used;

static int processes[maxProcesses], processCount = 0;

static bool readFile(const char *form, int pid, char *text, size_t room) {
  char path[64];
  snprintf(path, sizeof path, form, pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) return false;
  size_t bytes = fread(text, 1, room - 1, file);
  fclose(file);
  text[bytes] = 0;
  return true;
}

static Used usedByProcesses(void) {
  Used used = {0};
  double ticks = (double)sysconf(_SC_CLK_TCK);
  for (int place = 0; place < processCount; place++) {
    char text[4096], *found;
    long user = 0, system = 0;
    // After the name in brackets: state, then ten numbers, then the times in user and system mode, of all threads.
    if (readFile("/proc/%d/stat", processes[place], text, sizeof text) && (found = strrchr(text, ')')) != NULL)
      sscanf(found + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system);
    used.userSeconds += (double)user / ticks;
    used.systemSeconds += (double)system / ticks;
    if (!readFile("/proc/%d/status", processes[place], text, sizeof text)) continue;
    if ((found = strstr(text, "VmHWM:")) != NULL) used.peakKb += atol(found + 6);
    if ((found = strstr(text, "VmRSS:")) != NULL) used.residentKb += atol(found + 6);
  }
  return used;
}

static double ownSeconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// --- the run --------------------------------------------------------------------------------------------------------------

static int connectionCount = 64;
static unsigned long warmUpCalls = 0;
static double warmUpSeconds = 1, measureSeconds = 5, callsPerSecond = 0;

static void makeCall(const char *path, const char *headers, const char *bodyFile) {
  char *body = malloc(maxBodyBytes);
  FILE *file = bodyFile != NULL ? fopen(bodyFile, "r") : NULL;
  if (file == NULL) {
    fprintf(stderr, "load: cannot read the body file %s\n", bodyFile != NULL ? bodyFile : "(-b is missing)");
    exit(2);
  }
  size_t bodyBytes = fread(body, 1, maxBodyBytes, file);
  fclose(file);
  size_t room = bodyBytes + strlen(headers) + strlen(path) + 1024;
  call = malloc(room);
  callBytes = (size_t)snprintf(call, room,
                               "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nAccept: */*\r\n"
                               "User-Agent: OpenAI/Python 1.50.0\r\n%sContent-Length: %zu\r\n\r\n",
                               path, port, headers, bodyBytes);
  memcpy(call + callBytes, body, bodyBytes);
  callBytes += bodyBytes;
  free(body);
}

static void readOptions(int count, char **words) {
  static char headers[8192];
  const char *bodyFile = NULL, *path = "/v1/chat/completions";
  int option;
  while ((option = getopt(count, words, "p:c:d:w:n:r:sb:u:H:P:")) > 0) switch (option) {
      case 'p': port = atoi(optarg); break;
      case 'c': connectionCount = atoi(optarg); break;
      case 'd': measureSeconds = atof(optarg); break;
      case 'w': warmUpSeconds = atof(optarg); break;
      case 'n': warmUpCalls = strtoul(optarg, NULL, 10); break;
      case 'r': callsPerSecond = atof(optarg); break;
      case 's': isStream = true; break;
      case 'b': bodyFile = optarg; break;
      case 'u': path = optarg; break;
      case 'H':
        strncat(headers, optarg, sizeof headers - strlen(headers) - 3);
        strcat(headers, "\r\n");
        break;
      case 'P':
        for (char *pid = strtok(optarg, ","); pid != NULL && processCount < maxProcesses; pid = strtok(NULL, ","))
          processes[processCount++] = atoi(pid);
        break;
      default: exit(2);
    }
  makeCall(path, headers, bodyFile);
}

static int byTime(const void *left, const void *right) {
  float a = *(const float *)left, b = *(const float *)right;
  return (a > b) - (a < b);
}

static double microseconds(Samples *samples, double share) {
  return samples->count > 0 ? (double)samples->seconds[(size_t)(share * (double)(samples->count - 1))] * 1e6 : 0;
}

static void report(double seconds, Used before, Used after, double ownBefore) {
  qsort(latencies.seconds, latencies.count, sizeof(float), byTime);
  qsort(firstBytes.seconds, firstBytes.count, sizeof(float), byTime);
  double cpuSeconds =
      after.userSeconds - before.userSeconds + after.systemSeconds - before.systemSeconds;
  printf("{\"seconds\":%.3f,\"answered\":%lu,\"totalAnswered\":%lu,\"callsPerSecond\":%.0f,\"failed\":%lu,\"refused\":%lu,"
         "\"events\":%lu,\"latencyP50Us\":%.0f,\"latencyP99Us\":%.0f,\"firstByteP50Us\":%.0f,\"firstByteP99Us\":%.0f,"
         "\"cpuSeconds\":%.2f,\"userSeconds\":%.2f,\"peakMb\":%.1f,\"residentMb\":%.1f,\"ownCpuSeconds\":%.2f}\n",
         seconds, answered, totalAnswered, (double)answered / seconds, failed, refused, eventCount,
         microseconds(&latencies, 0.5), microseconds(&latencies, 0.99), microseconds(&firstBytes, 0.5),
         microseconds(&firstBytes, 0.99), cpuSeconds, after.userSeconds - before.userSeconds,
         (double)after.peakKb / 1024, (double)after.residentKb / 1024, ownSeconds() - ownBefore);
}

// Sends what is due, and says how long to wait for answers at most.
static struct timespec sendDue(double time, double *nextDue) {
  struct timespec wait = {0, 1000000};
  if (callsPerSecond <= 0) {
    while (idleCount > 0) sendCall(&connections[idleConnections[--idleCount]], time);
    return wait;
  }
  while (*nextDue <= time && idleCount > 0) {
    sendCall(&connections[idleConnections[--idleCount]], *nextDue);
    *nextDue += 1 / callsPerSecond;
  }
  double gap = *nextDue - time;
  if (gap > 0 && gap < 0.001) wait.tv_nsec = (long)(gap * 1e9);
  return wait;
}

int main(int count, char **words) {
  readOptions(count, words);
  latencies.seconds = malloc(maxSamples * sizeof(float));
  firstBytes.seconds = malloc(maxSamples * sizeof(float));
  connections = calloc((size_t)connectionCount, sizeof *connections);
  idleConnections = malloc((size_t)connectionCount * sizeof *idleConnections);
  poll = epoll_create1(0);
  for (int place = 0; place < connectionCount; place++) openConnection(&connections[place]);

  double time = now(), nextDue = time, ownBefore = 0;
  double measureAt = time + warmUpSeconds, latestAt = time + 10 * warmUpSeconds, endAt = latestAt + measureSeconds;
  Used before = {0};
  struct epoll_event events[eventsPerWait];
  while ((time = now()) < endAt) {
    if (!isMeasuring && time >= measureAt && (totalAnswered >= warmUpCalls || time >= latestAt)) {
      isMeasuring = true;
      measuredFrom = time;
      endAt = time + measureSeconds;
      before = usedByProcesses();
      ownBefore = ownSeconds();
    }
    struct timespec wait = sendDue(time, &nextDue);
    int ready = epoll_pwait2(poll, events, eventsPerWait, &wait, NULL);
    for (int place = 0; place < ready; place++) {
      Connection *connection = events[place].data.ptr;
      if (connection->state != opening) readable(connection);
      else if (events[place].events & (EPOLLERR | EPOLLHUP)) reopen(connection);
      else opened(connection);
    }
  }
  report(now() - measuredFrom, before, usedByProcesses(), ownBefore);
  return 0;
}
