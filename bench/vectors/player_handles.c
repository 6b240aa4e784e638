/* player_handles.c -- experiments of the checklist about what is open outside the heap: here the ends of pipes. */
#include "bench/vectors/player_measure.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* ---- scopes ---- */

static unsigned closes; /* in the one experiment of this process */

static void count_close(void *argument) {
  (void)argument;
  closes++;
}

enum leave { AT_ITS_END, BY_BREAK, BY_RETURN };

/* Two scopes, one in the other, that are left so; the outer one is closed by `return` at the latest. */
static void leave_scopes(struct gc_resource *outer, struct gc_resource *inner, enum leave leave) {
  GC_WITH(outer) {
    GC_WITH(inner) {
      if (leave == BY_BREAK)
        break;
      if (leave == BY_RETURN)
        return;
    }
  }
}

bool PLAYER_(scopes_close_once)(struct gc_mutator *m, char *said, size_t said_bytes) {
  unsigned by_way[BY_RETURN + 1];
  (void)m;
  for (enum leave leave = AT_ITS_END; leave <= BY_RETURN; leave++) {
    struct gc_resource *outer = GC_RESOURCE("outer", count_close, NULL);
    struct gc_resource *inner = GC_RESOURCE("inner", count_close, NULL);
    closes = 0;
    leave_scopes(outer, inner, leave);
    by_way[leave] = closes;
    gc_resource_forget(outer);
    gc_resource_forget(inner);
    by_way[leave] += 10 * (closes - by_way[leave]); /* what was closed only when it was forgotten */
  }
  snprintf(said, said_bytes, "of two scopes, %u are closed at their end, %u by break, %u by return", by_way[AT_ITS_END],
           by_way[BY_BREAK], by_way[BY_RETURN]);
  return by_way[AT_ITS_END] == 2 && by_way[BY_BREAK] == 2 && by_way[BY_RETURN] == 2;
}

bool PLAYER_(closing_twice_is_once)(struct gc_mutator *m, char *said, size_t said_bytes) {
  struct gc_resource *resource = GC_RESOURCE("file", count_close, NULL);
  (void)m;
  GC_WITH(resource)
    gc_resource_close(resource);
  gc_resource_close(resource);
  bool open = gc_resource_is_open(resource);
  gc_resource_forget(resource);
  snprintf(said, said_bytes, "closed in its scope, by the scope, after it, and forgotten: %u close", closes);
  return closes == 1 && !open;
}

/* An object holds each: one closes its own, the other is dropped. */
bool PLAYER_(unclosed_is_told)(struct gc_mutator *m, char *said, size_t said_bytes) {
  struct gc_resource *resources[] = {GC_RESOURCE("closed", count_close, NULL),
                                     GC_RESOURCE("dropped", count_close, NULL)};
  char *text = NULL;
  size_t text_bytes;
  FILE *out = open_memstream(&text, &text_bytes);
  GC_ROOTS(m, r, holder);
  gc_resource_holder(TYPE_mhandle, offsetof(struct mhandle, resource));
  for (unsigned i = 0; i < 2; i++) {
    gc_set(m, &r.holder, GC_NEW(m, mhandle));
    GC_PUT(m, gc_get(m, &r.holder), mhandle, resource, resources[i]);
    gc_resource_give(resources[i]);
  }
  gc_resource_close(resources[0]);
  uint64_t held = gc_close_unheld(m, out);
  gc_set(m, &r.holder, GC_NULL);
  uint64_t unheld = gc_close_unheld(m, out);
  fclose(out);
  char *name = strstr(text, "dropped");
  snprintf(said, said_bytes, "%llu unclosed while held; dropped, %llu is told of and closed: ...%.60s",
           (unsigned long long)held, (unsigned long long)unheld, name ? name : "nothing");
  said[strcspn(said, "\n")] = '\0';
  free(text);
  gc_frame_pop(m, &r.frame);
  return held == 0 && unheld == 1 && name && closes == 2;
}
