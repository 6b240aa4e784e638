/* player_handles.c -- experiments of the checklist about what is open outside the heap: here the ends of pipes. */
#include "bench/vectors/player_measure.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

static void close_handle(void *context, struct gc_mutator *m, gc_ref object, enum gc_finalizer kind) {
  (void)context, (void)kind;
  int fd = (int)GC_DEREF(m, mhandle, object)->fd;
  GC_PUT(m, object, mhandle, fd, -1);
  if (fd >= 0)
    close(fd);
}

/* `handle` gets an object that closes `fd` when it dies. */
static void handle_new(struct gc_mutator *m, gc_root *handle, int fd) {
  gc_set(m, handle, GC_NEW(m, mhandle));
  GC_PUT(m, gc_get(m, handle), mhandle, fd, fd);
  PLAYER_(control)()->attach_finalizer(m->heap, gc_get(m, handle), GC_FINALIZE_ONCE);
}

static void deliver_to_handles(struct gc_mutator *m) {
  const struct gc_delivery delivery = {.finalize = close_handle};
  PLAYER_(control)()->deliver(m->heap, &delivery);
}

bool PLAYER_(handles_close_at_death)(struct gc_mutator *m, char *said, size_t said_bytes) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0)
    return false;
  deliver_to_handles(m);
  GC_ROOTS(m, r, dropped, holder);
  handle_new(m, &r.dropped, fds[0]);
  gc_set(m, &r.dropped, GC_NULL);
  bool at_once = !is_open(fds[0]);
  handle_new(m, &r.dropped, fds[1]);
  gc_set(m, &r.holder, GC_NEW(m, mpair));
  GC_STORE(m, gc_get(m, &r.holder), mpair, first, gc_get(m, &r.dropped));
  GC_STORE(m, gc_get(m, &r.dropped), mhandle, holder, gc_get(m, &r.holder));
  gc_set(m, &r.dropped, GC_NULL);
  gc_set(m, &r.holder, GC_NULL);
  bool waits = is_open(fds[1]);
  uint64_t found = PLAYER_(control)()->collect(m, GC_GENERATIONS - 1);
  bool collected = !is_open(fds[1]);
  snprintf(said, said_bytes, "a dropped handle is %s at once; one in a cycle is %s, and %s by collect() = %llu",
           at_once ? "closed" : "not closed", waits ? "open" : "closed", collected ? "closed" : "not closed",
           (unsigned long long)found);
  gc_frame_pop(m, &r.frame);
  return at_once && waits && collected && found == 2;
}
