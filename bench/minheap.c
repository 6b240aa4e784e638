#include "bench/minheap.h"

#include "bench/options.h"

bool minheap_find(struct minheap *found, const struct options *options, const struct workload_choice *workload) {
  (void)options, (void)workload;
  found->problem = "not yet";
  return false;
}
int command_minheap(struct options *options) { (void)options; return EXIT_USAGE; }
int command_demo(struct options *options);
int command_demo(struct options *options) { (void)options; return EXIT_USAGE; }
