#include "image/cache.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/num.h"
#include "base/scope.h"
#include "image/cache_dir.h"
#include "image/cache_trim.h"
#include "image/codec.h"
#include "image/sum.h"

struct cache {
	int dir;
	uint64_t size_max;
	struct sha256_ctx begin; /* of every key: codec and library */
	atomic_bool has_new;
};

/* A library says no version at run time: the file is it, by size and time. */
static void print_library(struct buf *out, const struct codec *codec)
{
	const char *path = "/proc/self/exe";
	struct stat st = { 0 };
	Dl_info info;

	if (dladdr(codec_library(codec->kind), &info) && info.dli_fname &&
	    strchr(info.dli_fname, '/'))
		path = info.dli_fname;
	if (stat(path, &st) < 0 && stat("/proc/self/exe", &st) < 0)
		return;
	buf_fmt(out, "%llu %llu %lld.%09ld", (unsigned long long)st.st_ino,
		(unsigned long long)st.st_size, (long long)st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec);
}

static uint64_t read_size(void)
{
	const char *text = getenv("PITH_CACHE_SIZE");
	uint64_t size;

	return text && num_size(&size, slice_from(text)) ? size : CACHE_SIZE;
}

struct cache *cache_open(const struct codec *codec)
{
	auto_buf struct buf begin = { 0 };
	int dir = codec->kind == CODEC_NONE ? -1 : cache_dir_open(NULL, true);

	if (dir < 0)
		return NULL;
	struct cache *cache = mem_new(1, sizeof(*cache));

	buf_fmt(&begin, "pith 1 %s %d ", codec_name(codec->kind), codec->level);
	print_library(&begin, codec);
	cache->dir = dir;
	cache->size_max = read_size();
	sha256_init(&cache->begin);
	/* With its zero byte, which ends it. */
	sha256_update(&cache->begin, begin.len + 1, (const uint8_t *)begin.at);
	return cache;
}

void cache_key(struct cache_key *out, const struct cache *cache,
	       const void *chunk, size_t len)
{
	struct sha256_ctx ctx = cache->begin;

	sha256_update(&ctx, len, chunk);
	sha256_digest(&ctx, sizeof(out->digest), out->digest);
}

/* The file's name, and that of one under construction. */
struct name {
	char text[SUM_HEX + 1];
	char temp[SUM_HEX + 32];
};

static struct name name_of(const struct cache_key *key)
{
	struct name name;

	for (size_t i = 0; i < sizeof(key->digest); i++)
		snprintf(name.text + 2 * i, 3, "%02x", key->digest[i]);
	/* A thread's id is nobody else's while it runs. */
	snprintf(name.temp, sizeof(name.temp), "%s.%d.tmp", name.text,
		 (int)gettid());
	return name;
}

static void digest(uint8_t out[SHA256_DIGEST_SIZE], const void *data,
		   size_t len)
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, len, data);
	sha256_digest(&ctx, SHA256_DIGEST_SIZE, out);
}

/* A file is the digest of what follows, and that. */
static bool read_file(size_t *len, int fd, void *out, size_t cap)
{
	uint8_t said[SHA256_DIGEST_SIZE], is[SHA256_DIGEST_SIZE];
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size <= (off_t)sizeof(said) ||
	    (uint64_t)st.st_size - sizeof(said) > cap)
		return false;
	*len = (size_t)st.st_size - sizeof(said);
	if (io_read(fd, said, sizeof(said)) != (ssize_t)sizeof(said) ||
	    io_read(fd, out, *len) != (ssize_t)*len)
		return false;
	digest(is, out, *len);
	return memcmp(said, is, sizeof(is)) == 0;
}

bool cache_get(size_t *len, const struct cache *cache,
	       const struct cache_key *key, void *out, size_t cap)
{
	struct name name = name_of(key);
	auto_fd int fd = openat(cache->dir, name.text,
				O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return false;
	if (!read_file(len, fd, out, cap)) {
		unlinkat(cache->dir, name.text, 0);
		return false;
	}
	/* When it was used last: the oldest go first. */
	futimens(fd, NULL);
	return true;
}

void cache_put(struct cache *cache, const struct cache_key *key,
	       const void *packed, size_t len)
{
	struct name name = name_of(key);
	uint8_t sum[SHA256_DIGEST_SIZE];
	auto_fd int fd = openat(cache->dir, name.temp,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	digest(sum, packed, len);
	/* Not synced: what a crash leaves has not its digest. */
	if (io_write(fd, sum, sizeof(sum)) < 0 ||
	    io_write(fd, packed, len) < 0 ||
	    renameat(cache->dir, name.temp, cache->dir, name.text) < 0)
		unlinkat(cache->dir, name.temp, 0);
	else
		atomic_store(&cache->has_new, true);
}

void cache_close(struct cache *cache)
{
	if (!cache)
		return;
	if (atomic_load(&cache->has_new))
		cache_trim(cache->dir, cache->size_max);
	close(cache->dir);
	free(cache);
}
