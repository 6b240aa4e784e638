/* compiler.h -- the few compiler features that the whole tree leans on, by name. */
#ifndef GC_BASE_COMPILER_H
#define GC_BASE_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GC_INLINE inline __attribute__((always_inline))
#define GC_COLD __attribute__((cold, noinline))
#define GC_NOINLINE __attribute__((noinline))
#define GC_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define GC_LIKELY(x) __builtin_expect(!!(x), 1)
#define GC_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Data written by different threads is kept a cache line apart. */
#define GC_CACHE_LINE_BYTES 64
#define GC_CACHE_ALIGNED __attribute__((aligned(GC_CACHE_LINE_BYTES)))

#define GC_CONCAT_(a, b) a##b
#define GC_CONCAT(a, b) GC_CONCAT_(a, b)
#define GC_STRING_(x) #x
#define GC_STRING(x) GC_STRING_(x)

#define GC_CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))

#if defined(__SANITIZE_THREAD__)
#define GC_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GC_TSAN 1
#endif
#endif
#ifndef GC_TSAN
#define GC_TSAN 0
#endif

#endif
