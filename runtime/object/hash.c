/* hash.c -- identity hashes that survive moving.
 *
 * The first request marks the object HASHED; its hash is derived from the address it has then.  A collector that
 * moves a HASHED object makes the copy 8 bytes longer, stores the hash there and marks it HASH_MOVED (forward.h).
 * This file is called by mutators, at any time.  Model: tests/model/forward.pml. */
#include "runtime/object/forward.h"

uint64_t object_identity_hash(gc_ref object, bool moves) {
  if (!moves)
    return hash_of_address(object.bits);
  if (object_has_flag(object, GC_FLAG_HASH_MOVED))
    return *object_hash_slot(object);
  object_set_flag(object, GC_FLAG_HASHED);
  return hash_of_address(object.bits);
}
