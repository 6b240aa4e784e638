#include "tests/workloads/sizes.h"

#include <string.h>

/* Rows of one workload are adjacent. */
static const struct workload_size sizes[] = {
    {"alloc", "bytes=16,count=60000", 1},
    {"alloc", "bytes=64,count=30000", 1},
    {"back_edges", "back=strong,nodes=800", 2},
    {"back_edges", "back=weak,nodes=800", 2}, /* one of two lists is dropped */
    {"binary_trees", "depth=9", 3}, /* the stretch tree is twice the one that stays */
    {"churn", "live=96K,survival=0.2,allocate=800K", 1.2},
    {"churn", "live=200K,survival=0.5,allocate=600K,least=1024,most=24000", 1.5},
    {"closure", "elements=3000", 2},
    {"cycles", "cycles=20,nodes=10,rounds=80", 2},
    {"deque", "variant=list,end=left,elements=800", 2},
    {"deque", "variant=deque,end=left,elements=1500", 2},
    {"deque", "variant=deque,end=right,elements=1500", 2}, /* half of the values were popped */
    {"frag", "live=128K,passes=6,rounds=3", 4},
    {"gcbench", "depth=8,array=600", 4}, /* the stretch tree is four times the one that stays */
    {"graph_mutate", "anchors=1024,steps=8000,hops=3", 1.2},
    {"layout", "variant=boxed,numbers=int,elements=3000", 1},
    {"layout", "variant=unboxed,numbers=float,elements=20000", 1},
    {"layout", "variant=slots,fields=2,elements=2000", 1},
    {"layout", "variant=dictionary,fields=10,elements=1000", 1},
    {"list", "nodes=12000,replace_every=7", 1},
    {"long_run", "collect=automatic,requests=800,phase=100,live=200,bytes=128", 1.2},
    {"long_run", "collect=periodic,requests=1000,phase=100,live=200,bytes=128", 1.2},
    {"long_run", "collect=never,requests=500,phase=100,live=200,bytes=128", 4},
    {"long_run", "collect=paused,requests=1000,phase=100,live=200,bytes=128", 2},
    {"lru_cache", "capacity=300,keys=1200,requests=5000,value_words=8", 1.2},
    {"mark", "shape=random,objects=3000,repeats=2", 1.2},
    {"mark", "shape=tree,objects=2000,repeats=1", 1.2},
    {"mark", "shape=list,objects=2000,repeats=1", 1.2},
    {"mt_gcbench", "depth=8,array=600", 2},
    {"phase", "bytes=48K,phases=15", 1.5},
    {"pipeline", "packets=1000,laps=2,slots=8,keep=200", 2},
    {"quads", "depth=6,rounds=4,garbage=100", 1.1},
    {"relay", "steps=20,laps=2,collect=5,leaves=2500", 1.2},
    {"server", "live=100K,requests=600", 1.2},
    {"server", "loop=open,live=50K,rate=20000,warmup=0.005,seconds=0.01", 1.5},
    {"splay", "nodes=50,steps=3,modifications=40,payload_depth=3", 1.5},
    {"stream", "source=numbers,chunk=1,items=10000", 1},
    {"stream", "source=numbers,chunk=0,items=3000", 1},
    {"stream", "source=csv,chunk=200,items=1500", 1.2},
    {"weak_cache", "keys=400,hot=100,requests=3000,bytes=64", 2}, /* at the end half of what was hot is dropped */
};

size_t workload_sizes(const char *workload, const struct workload_size **rows) {
  static const struct workload_size defaults = {.params = ""};
  size_t first = 0, count = 0, end = sizeof sizes / sizeof sizes[0];
  while (first < end && strcmp(sizes[first].workload, workload) != 0)
    first++;
  while (first + count < end && strcmp(sizes[first + count].workload, workload) == 0)
    count++;
  *rows = count ? &sizes[first] : &defaults;
  return count ? count : 1;
}
