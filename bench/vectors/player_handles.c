/* player_handles.c -- experiments of the checklist about what is open outside the heap: pipes, sockets, and scopes
 * that close. */
#include "bench/vectors/player_measure.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

/* The object in `handle` gets into a cycle with a new one. */
static void tie(struct gc_mutator *m, const gc_root *handle) {
  GC_ROOTS(m, r, holder);
  gc_set(m, &r.holder, GC_NEW(m, mpair));
  GC_STORE(m, gc_get(m, &r.holder), mpair, first, gc_get(m, handle));
  GC_STORE(m, gc_get(m, handle), mhandle, holder, gc_get(m, &r.holder));
  gc_frame_pop(m, &r.frame);
}

static bool open_three(int fds[4]) {
  return pipe2(fds, O_CLOEXEC) == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds + 2) == 0;
}

/* One of two ends of a pipe and of a socket is dropped, another lies in a dead cycle, a third in a live one. */
bool PLAYER_(handles_close_at_death)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { FILE_DROPPED, FILE_IN_CYCLE, SOCKET_DROPPED, SOCKET_IN_CYCLE, ENDS };
  int fds[ENDS], reachable = dup(STDERR_FILENO);
  if (reachable < 0 || !open_three(fds))
    return false;
  deliver_to_handles(m);
  GC_ROOTS(m, r, dropped, kept);
  handle_new(m, &r.kept, reachable);
  tie(m, &r.kept);
  for (unsigned i = 0; i < ENDS; i++) {
    handle_new(m, &r.dropped, fds[i]);
    if (i == FILE_IN_CYCLE || i == SOCKET_IN_CYCLE)
      tie(m, &r.dropped);
  }
  gc_set(m, &r.dropped, GC_NULL);
  bool at_once = !is_open(fds[FILE_DROPPED]) && !is_open(fds[SOCKET_DROPPED]);
  bool waits = is_open(fds[FILE_IN_CYCLE]) && is_open(fds[SOCKET_IN_CYCLE]);
  uint64_t found = PLAYER_(control)()->collect(m, GC_GENERATIONS - 1);
  bool collected = !is_open(fds[FILE_IN_CYCLE]) && !is_open(fds[SOCKET_IN_CYCLE]), stays = is_open(reachable);
  snprintf(
      said, said_bytes,
      "a dropped file and socket are %s at once; those in dead cycles are %s, and %s by collect() = %llu; one that "
      "is reachable is %s",
      at_once ? "closed" : "not closed", waits ? "open" : "closed", collected ? "closed" : "not closed",
      (unsigned long long)found, stays ? "open" : "closed");
  gc_frame_pop(m, &r.frame);
  return at_once && waits && collected && stays && found == 4;
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

/* The end of a scope closes what it opened, and frees nothing: memory goes with the last reference. */
bool PLAYER_(scope_frees_no_memory)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { BUFFER_BYTES = 100000 };
  struct gc_resource *file = GC_RESOURCE("file", count_close, NULL);
  GC_ROOTS(m, r, buffer);
  uint64_t inside = 0, after = 0, gone;
  GC_WITH(file) {
    gc_set(m, &r.buffer, gc_alloc_raw(m, BUFFER_BYTES));
    inside = gc_sizeof(m, &r.buffer);
  }
  bool closed = !gc_resource_is_open(file) && closes == 1;
  after = gc_sizeof(m, &r.buffer);
  gc_set(m, &r.buffer, gc_weak_new(m, &r.buffer, NULL, NULL));
  gone = gc_is_null(gc_weak_get(m, gc_get(m, &r.buffer)));
  gc_resource_forget(file);
  snprintf(said, said_bytes,
           "after its scope a file is %s, and the %llu bytes read from it take %llu; they %s with the "
           "last reference",
           closed ? "closed" : "open", (unsigned long long)inside, (unsigned long long)after,
           gone ? "go" : "do not go");
  gc_frame_pop(m, &r.frame);
  return closed && inside > BUFFER_BYTES && after == inside && gone;
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
