#include "bench/vectors/cpython.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The driver, one part after the other; DRIVER_FOLDER, a string, is where they are when this is compiled
 * (CMakeLists.txt). */
#define DRIVER_PART(name) ".incbin \"" DRIVER_FOLDER "/" name "\"\n"
__asm__(".section .rodata\ndriver_begin:\n" DRIVER_PART("cpython_driver.py") DRIVER_PART("cpython_operations.py")
            DRIVER_PART("cpython_scripts.py") "driver_end: .byte 0\n.text\n");
extern const char driver_begin[], driver_end[];

enum { START_MS = 20000 };

/* A file that is in memory alone.  Its number stays open in the child. */
static int write_driver(void) {
  size_t bytes = (size_t)(driver_end - driver_begin), written = 0;
  int fd = memfd_create("cpython_driver.py", 0);
  while (fd >= 0 && written < bytes) {
    ssize_t more = write(fd, driver_begin + written, bytes - written);
    if (more <= 0) {
      close(fd);
      return -1;
    }
    written += (size_t)more;
  }
  return fd;
}

/* In the child: becomes the driver, or ends. */
static _Noreturn void become_driver(int driver, int scripts, int answers) {
  static const char *const names[] = {"python3.11", "python3"};
  char path[32];
  snprintf(path, sizeof path, "/dev/fd/%d", driver);
  dup2(scripts, STDIN_FILENO);
  dup2(answers, STDOUT_FILENO);
  signal(SIGINT, SIG_IGN); /* the parent ends it */
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    execlp(names[i], names[i], "-I", "-S", path, (char *)NULL);
  _exit(127);
}

/* The first line that it says: "CPython 3.11.7". */
static bool read_version(struct cpython *cpython, char *message, size_t message_bytes) {
  const char *line = answer_pipe_line(&cpython->answers, START_MS);
  if (!line) {
    snprintf(message, message_bytes, "python3 does not start; it is in Debian's package python3");
    return false;
  }
  snprintf(cpython->version, sizeof cpython->version, "%s", line + strcspn(line, "0123456789"));
  if (strncmp(line, "CPython 3.11.", 13) == 0)
    return true;
  snprintf(message, message_bytes, "the vectors are of CPython 3.11, and python3 is %s", line);
  return false;
}

bool cpython_open(struct cpython *cpython, char *message, size_t message_bytes) {
  int scripts[2] = {-1, -1}, answers[2] = {-1, -1}, driver = write_driver();
  *cpython = (struct cpython){.answers.fd = -1};
  signal(SIGPIPE, SIG_IGN); /* that it is gone is told by its answers */
  if (driver < 0 || pipe2(scripts, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0 || (cpython->pid = fork()) < 0) {
    snprintf(message, message_bytes, "no process can be started for CPython: %s", strerror(errno));
    close(driver), close(scripts[0]), close(scripts[1]), close(answers[0]), close(answers[1]);
    return false;
  }
  if (cpython->pid == 0)
    become_driver(driver, scripts[0], answers[1]);
  close(driver);
  close(scripts[0]);
  close(answers[1]);
  cpython->scripts = fdopen(scripts[1], "w");
  cpython->answers.fd = answers[0];
  if (read_version(cpython, message, message_bytes))
    return true;
  cpython_close(cpython);
  return false;
}

bool cpython_play(struct cpython *cpython, const struct script *script, struct answers *answers) {
  script_write(script, false, cpython->scripts);
  fflush(cpython->scripts);
  return answers_read(answers, &cpython->answers);
}

void cpython_close(struct cpython *cpython) {
  fclose(cpython->scripts); /* the driver ends with its input */
  answer_pipe_fini(&cpython->answers);
  kill(cpython->pid, SIGTERM);
  waitpid(cpython->pid, NULL, 0);
}
