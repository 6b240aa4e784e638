#include "runtime/os/topology.h"

#include <hwloc.h>
#include <hwloc/glibc-sched.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static hwloc_topology_t machine;
static bool loaded, synthetic;
static unsigned node_count = 1, core_count = 1;
static uint8_t node_of_unit[CPU_SETSIZE]; /* by index of the processing unit among those allowed */
static int os_of_unit[CPU_SETSIZE];
static uint8_t node_of_os_cpu[CPU_SETSIZE];
static unsigned distances[TOPOLOGY_NODES_MAX][TOPOLOGY_NODES_MAX];
static char description[160] = "1 node, 1 core";
static _Thread_local int bound_unit = -1; /* under a synthetic topology: where the thread is taken to run */

static const char *fail(const char *format, const char *text) {
  static char message[256];
  snprintf(message, sizeof message, format, text);
  return message;
}

/* "4x2" (nodes x cores) as hwloc writes it; other texts as they are, but for zero nodes or cores, which hwloc would
 * read as a hexadecimal number: NULL. */
static const char *hwloc_form(const char *text, char *long_form, size_t bytes) {
  unsigned nodes, cores;
  int used = 0;
  if (sscanf(text, "%ux%u%n", &nodes, &cores, &used) != 2 || text[used])
    return text;
  if (nodes == 0 || cores == 0)
    return NULL;
  snprintf(long_form, bytes, "numa:%u core:%u pu:1", nodes, cores);
  return long_form;
}

static const char *load(const char *text) {
  if (hwloc_topology_init(&machine) != 0)
    return "hwloc cannot be initialized";
  loaded = true;
  if (text && *text) {
    synthetic = true;
    char long_form[64];
    const char *form = hwloc_form(text, long_form, sizeof long_form);
    bool ok = access(text, R_OK) == 0 ? hwloc_topology_set_xml(machine, text) == 0
                                      : form && hwloc_topology_set_synthetic(machine, form) == 0;
    if (!ok)
      return fail("'%s' is no topology: give NxM (nodes x cores), an hwloc synthetic string such as "
                  "\"numa:2 core:4 pu:1\", or the path of an XML file", text);
  }
  return hwloc_topology_load(machine) == 0 ? NULL : "hwloc cannot read the topology";
}

/* Only processors that this process may use, as taskset(1) or a parent chose them: a thread bound to another one would
 * be moved beside somebody who was to be alone there. */
static void keep_to_allowed_processors(void) {
  hwloc_bitmap_t allowed = hwloc_bitmap_alloc();
  if (hwloc_get_cpubind(machine, allowed, HWLOC_CPUBIND_PROCESS) == 0)
    hwloc_topology_restrict(machine, allowed, HWLOC_RESTRICT_FLAG_REMOVE_CPULESS);
  hwloc_bitmap_free(allowed);
}

static void read_units(void) {
  unsigned count = 0;
  hwloc_obj_t unit = NULL;
  while ((unit = hwloc_get_next_obj_by_type(machine, HWLOC_OBJ_PU, unit)) && count < CPU_SETSIZE) {
    hwloc_obj_t node = NULL;
    unsigned index = 0;
    while ((node = hwloc_get_next_obj_by_type(machine, HWLOC_OBJ_NUMANODE, node)))
      if (hwloc_bitmap_isincluded(unit->cpuset, node->cpuset))
        index = node->logical_index;
    node_of_unit[count] = (uint8_t)(index % TOPOLOGY_NODES_MAX);
    os_of_unit[count] = (int)unit->os_index;
    if (unit->os_index < CPU_SETSIZE)
      node_of_os_cpu[unit->os_index] = node_of_unit[count];
    count++;
  }
  core_count = count ? count : 1;
}

static void read_distances(void) {
  for (unsigned from = 0; from < node_count; from++)
    for (unsigned to = 0; to < node_count; to++)
      distances[from][to] = from == to ? 10 : 20;
  struct hwloc_distances_s *found;
  unsigned matrices = 1;
  if (hwloc_distances_get_by_type(machine, HWLOC_OBJ_NUMANODE, &matrices, &found, HWLOC_DISTANCES_KIND_MEANS_LATENCY,
                                  0) != 0 ||
      matrices == 0)
    return;
  for (unsigned from = 0; from < found->nbobjs && from < node_count; from++)
    for (unsigned to = 0; to < found->nbobjs && to < node_count; to++)
      distances[from][to] = (unsigned)found->values[from * found->nbobjs + to];
  hwloc_distances_release(machine, found);
}

const char *topology_init(const char *text) {
  topology_fini();
  const char *problem = load(text);
  if (problem) {
    topology_fini();
    return problem;
  }
  if (!synthetic)
    keep_to_allowed_processors();
  int nodes = hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_NUMANODE);
  if (nodes > TOPOLOGY_NODES_MAX) {
    topology_fini();
    return "more than 64 NUMA nodes are not supported";
  }
  node_count = nodes > 0 ? (unsigned)nodes : 1;
  read_units();
  read_distances();
  snprintf(description, sizeof description, "%u node%s, %u core%s%s%s", node_count, node_count == 1 ? "" : "s",
           core_count, core_count == 1 ? "" : "s", synthetic ? ", synthetic " : "", synthetic ? text : "");
  return NULL;
}

void topology_fini(void) {
  if (loaded)
    hwloc_topology_destroy(machine);
  loaded = synthetic = false;
  node_count = core_count = 1;
  memset(node_of_os_cpu, 0, sizeof node_of_os_cpu);
}

bool topology_is_synthetic(void) { return synthetic; }
unsigned topology_node_count(void) { return node_count; }
unsigned topology_core_count(void) { return core_count; }
unsigned topology_distance(unsigned from_node, unsigned to_node) { return distances[from_node][to_node]; }
const char *topology_describe(void) { return description; }

size_t topology_l2_bytes(void) {
  hwloc_obj_t cache = loaded ? hwloc_get_obj_by_type(machine, HWLOC_OBJ_L2CACHE, 0) : NULL;
  return cache ? (size_t)cache->attr->cache.size : 0;
}

unsigned topology_bind_thread(unsigned index, bool really_bind) {
  unsigned unit = index % core_count;
  if (synthetic) {
    bound_unit = (int)unit;
    return node_of_unit[unit];
  }
  if (loaded && really_bind) {
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    hwloc_bitmap_only(set, (unsigned)os_of_unit[unit]);
    hwloc_set_cpubind(machine, set, HWLOC_CPUBIND_THREAD); /* advisory: a refusal leaves the thread where it is */
    hwloc_bitmap_free(set);
  }
  return topology_current_node();
}

unsigned topology_current_node(void) {
  if (node_count == 1)
    return 0;
  if (synthetic)
    return bound_unit < 0 ? 0 : node_of_unit[bound_unit];
  int cpu = sched_getcpu();
  return cpu >= 0 && cpu < CPU_SETSIZE ? node_of_os_cpu[cpu] : 0;
}

bool topology_place(void *start, size_t bytes, unsigned node) {
  if (!loaded || synthetic)
    return true;
  hwloc_obj_t object = hwloc_get_obj_by_type(machine, HWLOC_OBJ_NUMANODE, node);
  return object && hwloc_set_area_membind(machine, start, bytes, object->nodeset, HWLOC_MEMBIND_BIND,
                                          HWLOC_MEMBIND_BYNODESET) == 0;
}

char *topology_xml(void) {
  char *buffer, *copy = NULL;
  int bytes;
  if (loaded && hwloc_topology_export_xmlbuffer(machine, &buffer, &bytes, 0) == 0) {
    copy = strdup(buffer);
    hwloc_free_xmlbuffer(machine, buffer);
  }
  return copy;
}
