/* topology.h -- the machine by hwloc: NUMA nodes, cores, binding, caches.
 *
 * A synthetic topology (`2x4`: nodes x cores, an hwloc string, or an XML file) drives every placement decision
 * but binds nothing: threads and memory are assigned nodes, times are not those of such a machine.
 * topology_init is called once, before threads; everything else by any thread. */
#ifndef GC_OS_TOPOLOGY_H
#define GC_OS_TOPOLOGY_H

#include "runtime/base/compiler.h"

enum { TOPOLOGY_NODES_MAX = 64 };

/* text: NULL or "" for this machine, "NxM", an hwloc synthetic string, or the path of an XML file.
 * Returns NULL, or a sentence that says what is wrong with it. */
const char *topology_init(const char *text);
void topology_fini(void);

bool topology_is_synthetic(void);
unsigned topology_node_count(void); /* at least 1 */
unsigned topology_core_count(void); /* processing units this process may use (or the synthetic count) */
size_t topology_l2_bytes(void);     /* 0 if unknown */
/* Relative distance, 10 = local (SLIT units). */
unsigned topology_distance(unsigned from_node, unsigned to_node);

/* Binds the calling thread to processing unit `index` modulo the number of units; nothing under a synthetic one.
 * Returns the NUMA node on which the thread now runs (or is taken to run). */
unsigned topology_bind_thread(unsigned index, bool really_bind);
/* The node of the calling thread, read once per operation: threads migrate. */
unsigned topology_current_node(void);
/* Asks for `node`'s memory for [start, start + bytes).  False if the system refused (synthetic: true). */
bool topology_place(void *start, size_t bytes, unsigned node);

/* One line, for records: "4 nodes, 8 cores, synthetic 4x2". */
const char *topology_describe(void);
/* The topology as hwloc XML, malloc'ed; NULL if it cannot be exported. */
char *topology_xml(void);

#endif
