// pin CORES PROGRAM [ARGUMENT...]
//
// Becomes PROGRAM, pinned to the cores (`0`, `1`, or `0-1`), in front of all other work of the machine, and dead as soon as
// whoever started it is. One small program instead of taskset, nice, setsid and setpriv, so that a run needs none of them.
//
// Where the kernel groups processes by session (/proc/sys/kernel/sched_autogroup_enabled is 1), nice weighs inside one
// session only: other sessions' work would take half of the core from under a measurement. So the program gets a session of
// its own, and the session the highest weight. Without root neither is allowed; the run goes on, and its validity tells.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static void pinTo(const char *cores) {
  int first = 0, last = 0;
  int found = sscanf(cores, "%d-%d", &first, &last);
  if (found < 1) {
    fprintf(stderr, "pin: \"%s\" names no cores\n", cores);
    exit(2);
  }
  if (found == 1) last = first;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int core = first; core <= last; core++) CPU_SET(core, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) {
    fprintf(stderr, "pin: cores %s: %s\n", cores, strerror(errno));
    exit(2);
  }
}

static void goFirst(void) {
  setsid();
  setpriority(PRIO_PROCESS, 0, -20);
  FILE *group = fopen("/proc/self/autogroup", "w");
  if (group == NULL) return;
  fputs("-20", group);
  fclose(group);
}

static void openManyFiles(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int count, char **words) {
  if (count < 3) {
    fprintf(stderr, "pin CORES PROGRAM [ARGUMENT...]\n");
    return 2;
  }
  pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // It may have died before that line.
  if (getppid() != parent) return 1;
  pinTo(words[1]);
  goFirst();
  openManyFiles();
  execvp(words[2], words + 2);
  fprintf(stderr, "pin: %s: %s\n", words[2], strerror(errno));
  return 127;
}
