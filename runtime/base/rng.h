/* rng.h -- small seeded generators; every random choice of gclab can be repeated from its seed. */
#ifndef GC_BASE_RNG_H
#define GC_BASE_RNG_H

#include "runtime/base/compiler.h"

/* xorshift64 (Marsaglia 2003, shifts 13, 7, 17): the generator of the published server and mark programs.
 * The state is never 0. */
static GC_INLINE uint64_t rng_xorshift64(uint64_t *state) {
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return *state = x;
}

/* splitmix64 (Steele, Lea and Flood 2014): turns any seed, 0 included, into well-mixed words. */
static GC_INLINE uint64_t rng_splitmix64(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* A non-zero xorshift64 state for stream `stream` of `seed`. */
static GC_INLINE uint64_t rng_stream(uint64_t seed, uint64_t stream) {
  uint64_t state = seed ^ (stream * 0xd1342543de82ef95u);
  uint64_t mixed = rng_splitmix64(&state);
  return mixed ? mixed : 1;
}

/* Uniform in [0, bound) up to a bias below bound / 2^64; bound > 0 (multiply-shift, Lemire 2019). */
static GC_INLINE uint64_t rng_below(uint64_t *state, uint64_t bound) {
  return (uint64_t)(((unsigned __int128)rng_xorshift64(state) * bound) >> 64);
}

/* Uniform in [0, 1). */
static GC_INLINE double rng_unit(uint64_t *state) { return (double)(rng_xorshift64(state) >> 11) * 0x1.0p-53; }

/* Mixes `value` into a checksum that depends on order. */
static GC_INLINE uint64_t rng_mix(uint64_t sum, uint64_t value) {
  sum ^= value + 0x9e3779b97f4a7c15u + (sum << 6) + (sum >> 2);
  sum *= 0xff51afd7ed558ccdu;
  return sum ^ (sum >> 33);
}

#endif
