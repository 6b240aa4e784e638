/* resources.c -- what is open outside the heap, and whether an object still holds it (gc_tools.h).
 *
 * Nobody is told of an object's death: under a tracing collector it may never be found, and a finalizer would come too
 * late to be relied on.  Instead the holders that roots reach are asked, in a graph of the stopped heap; so the answer
 * is the same under every collector.  One lock around the list; `close` is called without it. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/check.h"
#include "runtime/cycle/heap.h"
#include "runtime/gc_tools.h"
#include "runtime/tools/take.h"

enum { HOLDERS_MOST = 64 };

struct gc_resource {
  struct gc_resource *next; /* of all that are not forgotten */
  void (*close)(void *argument);
  void *argument;
  const char *file;
  int line;
  bool open;
  bool given; /* to an object */
  bool held;  /* by one, in the latest graph */
  char name[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* the list, and all but `name`, `file` and `line` */
static struct gc_resource *resources;

static struct {
  uint32_t type;
  size_t offset_bytes;
} holders[HOLDERS_MOST];
static size_t holder_count;

struct gc_resource *gc_resource_open(const char *name, void (*close)(void *argument), void *argument, const char *file,
                                     int line) {
  size_t name_bytes = strlen(name) + 1;
  struct gc_resource *resource = malloc(sizeof *resource + name_bytes);
  if (!resource)
    return NULL;
  *resource = (struct gc_resource){.close = close, .argument = argument, .file = file, .line = line, .open = true};
  memcpy(resource->name, name, name_bytes);
  pthread_mutex_lock(&lock);
  resource->next = resources;
  resources = resource;
  pthread_mutex_unlock(&lock);
  return resource;
}

void gc_resource_close(struct gc_resource *resource) {
  if (!resource)
    return;
  pthread_mutex_lock(&lock);
  bool first = resource->open;
  resource->open = false;
  pthread_mutex_unlock(&lock);
  if (first)
    resource->close(resource->argument);
}

bool gc_resource_is_open(const struct gc_resource *resource) {
  pthread_mutex_lock(&lock);
  bool open = resource->open;
  pthread_mutex_unlock(&lock);
  return open;
}

void gc_resource_forget(struct gc_resource *resource) {
  gc_resource_close(resource);
  pthread_mutex_lock(&lock);
  struct gc_resource **link = &resources;
  while (*link != resource)
    link = &(*link)->next;
  *link = resource->next;
  pthread_mutex_unlock(&lock);
  free(resource);
}

void gc_resource_give(struct gc_resource *resource) {
  pthread_mutex_lock(&lock);
  resource->given = true;
  pthread_mutex_unlock(&lock);
}

void gc_resource_holder(uint32_t type, size_t offset_bytes) {
  GC_CHECK(0, holder_count < HOLDERS_MOST, "more than %d types hold resources", HOLDERS_MOST);
  holders[holder_count].type = type;
  holders[holder_count++].offset_bytes = offset_bytes;
}

/* ---- warnings ---- */

static bool is_unheld(const struct gc_resource *resource) { return resource->given && !resource->held; }
static bool is_any(const struct gc_resource *resource) { return resource != NULL; }

/* Closes what is open and `chosen`, one after the other, since a close may open or forget others. */
static uint64_t close_chosen(bool (*chosen)(const struct gc_resource *), FILE *to) {
  uint64_t count = 0;
  for (;; count++) {
    pthread_mutex_lock(&lock);
    struct gc_resource *resource = resources;
    while (resource && !(resource->open && chosen(resource)))
      resource = resource->next;
    if (resource && to)
      fprintf(to, "%s:%d: %s was never closed\n", resource->file, resource->line, resource->name);
    pthread_mutex_unlock(&lock);
    if (!resource)
      return count;
    gc_resource_close(resource);
  }
}

/* The resource that the object of `node` holds in its member at `offset_bytes`, or NULL.  The world is stopped. */
static struct gc_resource *held_by(const struct graph_node *node, size_t offset_bytes) {
  return *(struct gc_resource *const *)(node->address + offset_bytes);
}

/* By names, since a profile's copies of a type are of that name. */
static void look_at_holders_stw_locked(const struct graph *graph) {
  for (struct gc_resource *resource = resources; resource; resource = resource->next)
    resource->held = false;
  for (size_t i = 1; i < graph->reachable; i++)
    for (size_t h = 0; h < holder_count; h++) {
      struct gc_resource *resource = NULL;
      if (gc_types[graph->nodes[i].type].name == gc_types[holders[h].type].name)
        resource = held_by(&graph->nodes[i], holders[h].offset_bytes);
      if (resource)
        resource->held = true;
    }
}

uint64_t gc_close_unheld(struct gc_mutator *m, FILE *to) {
  struct graph graph;
  take_stop(m->heap, m);
  bool taken = take_graph_stw(&graph, m->heap, TAKE_REACHABLE, NULL);
  if (taken) {
    pthread_mutex_lock(&lock);
    look_at_holders_stw_locked(&graph);
    pthread_mutex_unlock(&lock);
    graph_fini(&graph);
  }
  take_resume(m->heap, m);
  return taken ? close_chosen(is_unheld, to) : GC_UNKNOWN;
}

uint64_t gc_close_all(FILE *to) { return close_chosen(is_any, to); }
