#include "runtime/stats/hlog.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
  COOKIE_PLAIN = 0x1c849303 | 0x10,
  COOKIE_DEFLATED = 0x1c849304 | 0x10,
  SIGNIFICANT_DIGITS = 3,
  HEAD_BYTES = 40,          /* before the counts */
  DEFLATED_HEAD_BYTES = 8,
  COUNT_BYTES_MAX = 9,
};

void hlog_begin(FILE *file, double start_s) {
  fprintf(file, "#[Histogram log format version 1.3]\n#[StartTime: %.3f (seconds since epoch)]\n", start_s);
  fprintf(file, "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n");
}

/* ---- counts ---- */

/* Little-endian groups of 7 bits; the ninth byte holds 8. */
static unsigned char *put_zigzag(unsigned char *at, int64_t number) {
  uint64_t rest = ((uint64_t)number << 1) ^ (uint64_t)(number >> 63);
  for (unsigned i = 0; i < COUNT_BYTES_MAX - 1 && rest >= 0x80; i++, rest >>= 7)
    *at++ = (unsigned char)(rest | 0x80);
  *at++ = (unsigned char)rest;
  return at;
}

static unsigned char *put_counts(unsigned char *at, const struct histogram *h, size_t count) {
  for (size_t i = 0; i < count;) {
    size_t zeros = 0;
    while (i + zeros < count && h->buckets[i + zeros] == 0)
      zeros++;
    at = put_zigzag(at, zeros ? -(int64_t)zeros : (int64_t)h->buckets[i]);
    i += zeros ? zeros : 1;
  }
  return at;
}

static unsigned char *put_32(unsigned char *at, uint32_t value) {
  value = htobe32(value);
  memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

static unsigned char *put_64(unsigned char *at, uint64_t value) {
  value = htobe64(value);
  memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

/* The plain encoding in `bytes`, which has room for it; returns its length. */
static size_t encode(const struct histogram *h, unsigned char *bytes) {
  static const double ratio = 1; /* of values to integers */
  uint64_t ratio_bits;
  memcpy(&ratio_bits, &ratio, sizeof ratio_bits);
  size_t counts = histogram_bucket_of(h->max) + 1;
  size_t counts_bytes = (size_t)(put_counts(bytes + HEAD_BYTES, h, counts) - (bytes + HEAD_BYTES));
  unsigned char *at = put_32(bytes, COOKIE_PLAIN);
  at = put_32(at, (uint32_t)counts_bytes);
  at = put_32(at, 0); /* the index of zero is not shifted */
  at = put_32(at, SIGNIFICANT_DIGITS);
  at = put_64(at, 1); /* the lowest value told apart from zero */
  at = put_64(at, (UINT64_C(1) << HISTOGRAM_VALUE_BITS) - 1);
  put_64(at, ratio_bits);
  return HEAD_BYTES + counts_bytes;
}

/* ---- text ---- */

static void print_base64(FILE *file, const unsigned char *bytes, size_t count) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < count; i += 3) {
    uint32_t group = (uint32_t)bytes[i] << 16 | (i + 1 < count ? (uint32_t)bytes[i + 1] << 8 : 0) |
                     (i + 2 < count ? bytes[i + 2] : 0);
    fputc(digits[group >> 18], file);
    fputc(digits[group >> 12 & 63], file);
    fputc(i + 1 < count ? digits[group >> 6 & 63] : '=', file);
    fputc(i + 2 < count ? digits[group & 63] : '=', file);
  }
}

bool hlog_add(FILE *file, const char *tag, double begin_s, double end_s, const struct histogram *h) {
  if (!h->buckets || h->count == 0)
    return true;
  size_t plain_max = HEAD_BYTES + COUNT_BYTES_MAX * (histogram_bucket_of(h->max) + 1);
  uLongf deflated_bytes = compressBound(plain_max);
  unsigned char *plain = malloc(plain_max), *deflated = malloc(DEFLATED_HEAD_BYTES + deflated_bytes);
  bool done = plain && deflated &&
              compress(deflated + DEFLATED_HEAD_BYTES, &deflated_bytes, plain, encode(h, plain)) == Z_OK;
  if (done) {
    put_32(put_32(deflated, COOKIE_DEFLATED), (uint32_t)deflated_bytes);
    fprintf(file, "Tag=%s,%.3f,%.3f,%.3f,", tag, begin_s, end_s - begin_s, (double)h->max / 1e6);
    print_base64(file, deflated, DEFLATED_HEAD_BYTES + deflated_bytes);
    fputc('\n', file);
  }
  free(plain);
  free(deflated);
  return done;
}
