#include "runtime/mutator/grace_scheduled.h"

#include "runtime/base/check.h"
#include "runtime/base/schedule.h"
#include "runtime/mutator/mutator.h"

/* A thread between attach and detach. */
struct reader {
  uint64_t announced; /* number of the last deferred call that it let pass */
  uint64_t due;       /* and of the last one that it was asked to let pass before its last poll */
  bool online;
  struct reader *next;
};

enum { WAITING_MAX = 65536 };

static _Thread_local struct reader self;
static struct reader *readers;
static struct rcu_head *queue[WAITING_MAX]; /* a ring, by number */
static uint64_t first, next;                /* numbers: [first, next) wait */
static uint64_t asked;                      /* all mutators have been asked to let pass those before */

static bool everybody_announced(uint64_t number) {
  for (struct reader *reader = readers; reader; reader = reader->next)
    if (reader->online && reader->announced < number)
      return false;
  return true;
}

static void run_ready(void) {
  while (first < next && everybody_announced(first + 1)) {
    struct rcu_head *head = queue[first++ % WAITING_MAX]; /* taken before a step may lead another thread here */
    head->func(head);
  }
}

void grace_scheduled_attach(void) {
  self = (struct reader){.announced = next, .due = next, .online = true, .next = readers};
  readers = &self;
}

void grace_scheduled_detach(void) {
  struct reader **link = &readers;
  while (*link != &self)
    link = &(*link)->next;
  *link = self.next;
  run_ready();
}

void grace_scheduled_announce(bool online) {
  self.announced = next;
  self.online = online;
  run_ready();
}

bool grace_scheduled_pending(void) {
  run_ready();
  return first < next;
}

uint64_t grace_scheduled_defer(struct rcu_head *head, void (*ready)(struct rcu_head *head)) {
  head->func = ready;
  GC_CHECK(0, next - first < WAITING_MAX, "%u deferred calls wait", WAITING_MAX);
  queue[next++ % WAITING_MAX] = head;
  return next;
}

void grace_scheduled_asked(uint64_t number) {
  if (asked < number)
    asked = number;
}

#if GC_CHAOS_ENABLED
void mutator_step_poll(void) {
  schedule_point("poll");
  if (!schedule_is_on())
    return;
  GC_CHECK(1, self.announced >= self.due, "a thread has polled and not let pass deferred call %llu: it let pass %llu",
           (unsigned long long)self.due, (unsigned long long)self.announced);
  self.due = asked;
}
#endif
