/* mmu.h -- minimum mutator utilisation: the least share of any window of w nanoseconds that was left to mutators.
 *
 * MMU(w) = min over t of the share of [t, t + w) that lies in no pause (Cheng & Blelloch 2001), exactly: as the window
 * slides, the paused part of it is piecewise linear, so it is greatest where an edge of the window meets one of a
 * pause.  MMU is not monotone; BMU(w) = min over w' >= w of MMU(w') is (Sachindran, Moss & Berger 2004).
 * Pure functions of their arguments; any thread. */
#ifndef GC_STATS_MMU_H
#define GC_STATS_MMU_H

#include "runtime/base/compiler.h"

struct mmu_pause {
  uint64_t begin_ns, end_ns;
};

/* A run of [0, end_ns) with `count` pauses in it: in order, disjoint, none empty. */
struct mmu_schedule {
  const struct mmu_pause *pauses;
  size_t count;
  uint64_t end_ns;
  uint64_t *paused_before_ns; /* of each pause: the sum of the earlier ones */
};

struct mmu_window {
  uint64_t w_ns, begin_ns, paused_ns; /* paused_ns of [begin_ns, begin_ns + w_ns) */
};

/* `pauses` stay the caller's.  False if memory was refused. */
bool mmu_init(struct mmu_schedule *schedule, const struct mmu_pause *pauses, size_t count, uint64_t end_ns);
void mmu_fini(struct mmu_schedule *schedule);

/* The window of w_ns, 0 < w_ns <= end_ns, with the greatest part paused; the first of those tried.  O(n log n). */
struct mmu_window mmu_worst(const struct mmu_schedule *schedule, uint64_t w_ns);

/* The worst windows of w_ns that do not overlap, the worst first: each is the worst of those that meet no earlier one.
 * Windows without a pause are left out.  Returns how many there are, at most `most`; 0 if memory was refused. */
size_t mmu_worst_disjoint(const struct mmu_schedule *schedule, uint64_t w_ns, struct mmu_window *windows, size_t most);

/* 100 us, 200 us, 500 us, 1 ms, … up to T, and T itself: writes them to w_ns and returns how many. */
enum { MMU_WINDOWS_MAX = 48 };
size_t mmu_window_sizes(uint64_t end_ns, uint64_t w_ns[MMU_WINDOWS_MAX]);

static inline double mmu_utilisation(struct mmu_window window) {
  return 1 - (double)window.paused_ns / (double)window.w_ns;
}

#endif
