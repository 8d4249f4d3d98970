#ifndef IMAGE_CACHE_H
#define IMAGE_CACHE_H

/*
 * cache: compressed chunks by what they are made of, so that what has not
 * changed is not compressed again. The name is the digest of the chunk, of the
 * codec and its level, and of the library that compresses, so what is found is
 * what would be made; its own digest is checked before it is used.
 *
 * Files appear by rename and may vanish at any time: two builds at once share
 * the cache without a lock. Whatever goes wrong here is no more than a chunk
 * that is compressed after all.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nettle/sha2.h>

struct cache;
struct codec;

enum {
	CACHE_CHUNK_MIN = 64 * 1024, /* smaller ones are sooner made anew */
	CACHE_SIZE = 512 * 1024 * 1024,
};

struct cache_key {
	uint8_t digest[SHA256_DIGEST_SIZE];
};

/*
 * The user's cache, XDG_CACHE_HOME/pith or ~/.cache/pith, for what codec
 * makes; PITH_CACHE_SIZE= bounds it, else CACHE_SIZE. NULL where there is none:
 * no home, no room, or a directory that others can write to.
 */
struct cache *cache_open(const struct codec *codec);

/* Once something was added, remove what was not used for longest. */
void cache_close(struct cache *cache);

void cache_key(struct cache_key *out, const struct cache *cache,
	       const void *chunk, size_t len);

/*
 * The compressed chunk into out, of cap bytes: true with its length. From any
 * thread, like cache_put().
 */
bool cache_get(size_t *len, const struct cache *cache,
	       const struct cache_key *key, void *out, size_t cap);
void cache_put(struct cache *cache, const struct cache_key *key,
	       const void *packed, size_t len);

#endif
