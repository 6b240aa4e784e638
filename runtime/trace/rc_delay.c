#include "runtime/trace/rc_delay.h"

#include "runtime/mutator/qsbr.h"

void rc_delay_init(struct rc_delay *delay, struct rc_pool *pool, struct gc_mutator *owner) {
  *delay = (struct rc_delay){0};
  rc_buffer_init(&delay->filling, pool, owner, 0);
  rc_buffer_init(&delay->waiting, pool, NULL, 0);
}

void rc_delay_clear(struct rc_delay *delay) {
  rc_buffer_clear(&delay->filling);
  rc_buffer_clear(&delay->waiting);
}

void rc_delay_poll(struct rc_delay *delay, struct safepoint *safepoint, const struct gc_mutator *self,
                   struct rc_buffer *ready) {
  if (rc_buffer_is_empty(&delay->filling) && rc_buffer_is_empty(&delay->waiting))
    return;
  if (qsbr_alone(safepoint, self)) {
    rc_delay_take_all(delay, ready);
    return;
  }
  if (!rc_buffer_is_empty(&delay->waiting)) {
    if (!qsbr_reached(safepoint, self, delay->goal))
      return;
    rc_buffer_move(ready, &delay->waiting);
  }
  if (delay->filling.chunks < 2)
    return;
  rc_buffer_move(&delay->waiting, &delay->filling);
  delay->goal = qsbr_goal(safepoint);
  safepoint_arm_quiesce(safepoint);
}

void rc_delay_take_all(struct rc_delay *delay, struct rc_buffer *buffer) {
  rc_buffer_move(buffer, &delay->waiting);
  rc_buffer_move(buffer, &delay->filling);
}
