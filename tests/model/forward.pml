/* forward.pml -- the copying race: several workers meet one object, and exactly one of them decides where it lives.
 *
 * Stands for: forward_claim, forward_copy, forward_publish, forward_abandon (runtime/object/forward.h), called as
 * generational/copy.c does (evacuate, copy_claimed); object_identity_hash (runtime/object/hash.c).
 * Promises:
 *   one_address             all workers end with the same address for the object
 *   copy_is_whole           who uses the address sees the contents
 *   scanned_once            exactly one worker is told to scan the object
 *   hash_stays_the_same     a mutator gets the same hash before and after
 * Abstracted: the header word is tag, flags and new address, read and written as one, as in C; the contents are one
 * word.  Memory is sequentially consistent, so orders are checked as orders of steps.  A worker finds room for
 * a copy, or not.
 *
 * twin claim_by_store (one_address): the claim is a load and a store, not an exchange: two workers copy
 * twin publish_first (copy_is_whole): the address is published before the contents are copied
 * twin abandon_unpinned (one_address): who finds no room gives the claim back without pinning, and a loser copies
 * twin keep_unmarked (scanned_once): who keeps the object scans it without looking whether its mark was set
 * twin flags_beside (hash_stays_the_same): a mutator writes the flags byte beside the copying, and the forwarding
 *   word, which covers that byte, undoes it */

#include "promise.inc"

#define WORKERS 3
#define OLD 1              /* the object's address at first; 0 is none, and each worker has one to copy to */
#define PLACES (WORKERS + 2)

mtype = { NORMAL, BUSY, FORWARDED };

typedef header {
  mtype tag = NORMAL;
  bool hashed, hash_moved, pinned; /* the flags byte */
  byte to                          /* while FORWARDED */
}

#define COPY_WORD(target, source) \
  target.tag = source.tag; target.hashed = source.hashed; target.hash_moved = source.hash_moved; \
  target.pinned = source.pinned; target.to = source.to

header word[PLACES];
bool filled[PLACES]; /* the contents are there */
byte hash[PLACES];   /* the last word of what is hash_moved */
bool marked;              /* by who keeps the object where it is */
byte scans, finished;
bool stopped, disagreed;
byte address = OLD;       /* where the first worker to finish says that the object is */

PROMISE(one_address)
PROMISE(copy_is_whole)
PROMISE(scanned_once)
PROMISE(hash_stays_the_same)

proctype worker(byte self) {
  header claimed;
  byte now;
  stopped;

  /* forward_claim */
  if
  :: d_step { word[OLD].tag == FORWARDED -> now = word[OLD].to }
     goto done
#ifdef TWIN_claim_by_store
  :: d_step { word[OLD].tag == NORMAL -> COPY_WORD(claimed, word[OLD]) }
     word[OLD].tag = BUSY
#else
  :: d_step { word[OLD].tag == NORMAL -> COPY_WORD(claimed, word[OLD]); word[OLD].tag = BUSY }
#endif
  fi;

  if
  :: true -> /* pinned, or no room: it stays, and who sets its mark scans it */
     now = OLD;
#ifndef TWIN_abandon_unpinned
     claimed.pinned = true;
#endif
     d_step { COPY_WORD(word[OLD], claimed) } /* forward_abandon */
#ifdef TWIN_keep_unmarked
     scans++;
#else
     d_step { scans = scans + !marked; marked = true }
#endif
     goto done
  :: !claimed.pinned ->
     now = self
  fi;

#ifdef TWIN_publish_first
  d_step { word[OLD].tag = FORWARDED; word[OLD].to = now };
#endif
  /* forward_copy */
  d_step {
    COPY_WORD(word[self], claimed);
    if
    :: claimed.hashed && !claimed.hash_moved -> word[self].hash_moved = true; hash[self] = OLD
    :: else
    fi
  }
  filled[self] = true;
  /* forward_publish: the flags byte as it was when the object was claimed */
  d_step { COPY_WORD(word[OLD], claimed); word[OLD].tag = FORWARDED; word[OLD].to = now; scans++ }

done:
  CHECK(copy_is_whole, filled[now]);
  d_step {
    if
    :: finished == 0 -> address = now
    :: finished > 0 -> disagreed = disagreed || address != now
    fi;
    finished++
  }
}

/* Asks for the object's identity hash once before the collection, perhaps, and once after it. */
proctype mutator() {
#ifdef TWIN_flags_beside
  stopped = true;
#endif
  bool asked;
  if
  :: true
  :: d_step { word[OLD].hashed = true; asked = true } /* object_identity_hash: the address is the hash from now on */
  fi;
  stopped = true;
  finished == WORKERS;
  CHECK(one_address, !disagreed);
  CHECK(scanned_once, scans == 1);
  CHECK(hash_stays_the_same, !asked || (word[address].hash_moved -> hash[address] : address) == OLD)
}

init {
  atomic {
    filled[OLD] = true;
    byte place;
    for (place : OLD + 1 .. PLACES - 1) {
      run worker(place)
    }
    run mutator()
  }
}
