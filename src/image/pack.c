#include "image/pack.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/cache.h"
#include "image/codec.h"

enum { SLOTS_MAX = 4 };

enum state {
	SLOT_FREE,    /* the caller's, to fill */
	SLOT_WAITING, /* filled, for its thread to compress */
	SLOT_DONE,    /* compressed, for the caller to write */
	SLOT_QUIT,    /* its thread must end */
};

/*
 * A chunk on its way. state says who may touch the rest: the thread while it
 * is SLOT_WAITING, the caller otherwise.
 */
struct slot {
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock; /* of state */
	pthread_cond_t changed;
	enum state state;
	struct codec_work *work;
	struct cache *cache;
	void *raw;
	size_t raw_len;
	void *packed;
	size_t packed_cap;
	size_t packed_len; /* 0: the library failed */
};

struct pack {
	struct pack_sink sink;
	struct codec codec;
	size_t chunk;
	size_t count; /* slots in use */
	size_t next;  /* the slot to fill; the oldest one in flight */
	bool is_parallel;
	struct slot slots[SLOTS_MAX];
};

static size_t processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (size_t)CPU_COUNT(&set);
}

static void set_state(struct slot *slot, enum state state)
{
	pthread_mutex_lock(&slot->lock);
	slot->state = state;
	pthread_cond_signal(&slot->changed);
	pthread_mutex_unlock(&slot->lock);
}

/* Sleep while the slot is in that state; returns the one that it left for. */
static enum state leave_state(struct slot *slot, enum state state)
{
	pthread_mutex_lock(&slot->lock);
	while (slot->state == state)
		pthread_cond_wait(&slot->changed, &slot->lock);
	state = slot->state;
	pthread_mutex_unlock(&slot->lock);
	return state;
}

static void compress(struct slot *slot)
{
	struct cache *cache = slot->raw_len < CACHE_CHUNK_MIN ? NULL
							      : slot->cache;
	struct cache_key key;

	if (cache) {
		cache_key(&key, cache, slot->raw, slot->raw_len);
		if (cache_get(&slot->packed_len, cache, &key, slot->packed,
			      slot->packed_cap))
			return;
	}
	slot->packed_len = codec_run(slot->work, slot->packed, slot->packed_cap,
				     slot->raw, slot->raw_len);
	if (cache && slot->packed_len)
		cache_put(cache, &key, slot->packed, slot->packed_len);
}

static int write_out(struct pack *pool, const struct slot *slot,
		     struct err *err)
{
	if (!slot->packed_len)
		return err_set(err, 0, "the compressor failed");
	return pool->sink.write(pool->sink.to, slot->packed, slot->packed_len,
				err);
}

static void *work(void *arg)
{
	struct slot *slot = arg;

	for (;;) {
		enum state state = leave_state(slot, SLOT_FREE);

		if (state == SLOT_QUIT)
			return NULL;
		if (state == SLOT_WAITING) {
			compress(slot);
			set_state(slot, SLOT_DONE);
		}
		if (leave_state(slot, SLOT_DONE) == SLOT_QUIT)
			return NULL;
	}
}

/* Memory that is not touched costs nothing, so a small layer stays small. */
static int fill_slot(struct pack *pool, struct slot *slot, struct err *err)
{
	if (slot->raw)
		return 0;
	/* malloc, for calloc would have to clear recycled memory. */
	slot->raw = malloc(pool->chunk);
	if (!slot->raw)
		return err_set(err, 0, "out of memory");
	if (pool->codec.kind == CODEC_NONE)
		return 0;
	slot->work = codec_open(&pool->codec, err);
	if (!slot->work)
		return -1;
	slot->cache = pool->codec.cache;
	slot->packed_cap = codec_bound(slot->work, pool->chunk);
	slot->packed = malloc(slot->packed_cap);
	return slot->packed ? 0 : err_set(err, 0, "out of memory");
}

struct pack *pack_new(const struct codec *codec, struct pack_sink sink,
		      struct err *err)
{
	struct pack *pool = mem_new(1, sizeof(*pool));
	size_t count = processors();
	size_t max = codec_jobs(codec);

	*pool = (struct pack){ .sink = sink,
			       .codec = *codec,
			       .chunk = codec_chunk(codec) };
	pool->count = count < max ? count : max;
	pool->is_parallel = pool->count > 1;
	for (size_t i = 0; i < pool->count; i++) {
		pthread_mutex_init(&pool->slots[i].lock, NULL);
		pthread_cond_init(&pool->slots[i].changed, NULL);
	}
	if (fill_slot(pool, &pool->slots[0], err) < 0) {
		pack_free(pool);
		return NULL;
	}
	return pool;
}

static void free_slot(struct slot *slot)
{
	if (slot->has_thread) {
		leave_state(slot, SLOT_WAITING);
		set_state(slot, SLOT_QUIT);
		pthread_join(slot->thread, NULL);
	}
	codec_close(slot->work);
	free(slot->raw);
	free(slot->packed);
	pthread_mutex_destroy(&slot->lock);
	pthread_cond_destroy(&slot->changed);
}

void pack_free(struct pack *pool)
{
	if (!pool)
		return;
	for (size_t i = 0; i < pool->count; i++)
		free_slot(&pool->slots[i]);
	free(pool);
}

/* Wait for the slot, and write out what it holds. */
static int drain(struct pack *pool, struct slot *slot, struct err *err)
{
	enum state state = leave_state(slot, SLOT_WAITING);

	if (state != SLOT_DONE)
		return 0;
	int result = write_out(pool, slot, err);

	set_state(slot, SLOT_FREE);
	return result;
}

int pack_buffer(void **buffer, struct pack *pool, struct err *err)
{
	struct slot *slot = &pool->slots[pool->next];

	if (fill_slot(pool, slot, err) < 0 || drain(pool, slot, err) < 0)
		return -1;
	*buffer = slot->raw;
	return 0;
}

/* Compress here and now: nobody else is at work. */
static int compress_alone(struct pack *pool, struct slot *slot, struct err *err)
{
	if (pool->codec.kind == CODEC_NONE)
		return pool->sink.write(pool->sink.to, slot->raw, slot->raw_len,
					err);
	compress(slot);
	return write_out(pool, slot, err);
}

int pack_submit(struct pack *pool, size_t len, struct err *err)
{
	struct slot *slot = &pool->slots[pool->next];

	slot->raw_len = len;
	/* A chunk that is not full is the last: a lone one needs no thread. */
	if (!slot->has_thread && pool->is_parallel &&
	    (len == pool->chunk || pool->slots[0].has_thread))
		slot->has_thread = pthread_create(&slot->thread, NULL, work,
						  slot) == 0;
	if (!slot->has_thread) {
		/* Without threads all earlier chunks are out already. */
		for (size_t i = 1; i < pool->count; i++)
			if (drain(pool,
				  &pool->slots[(pool->next + i) % pool->count],
				  err) < 0)
				return -1;
		return compress_alone(pool, slot, err);
	}
	set_state(slot, SLOT_WAITING);
	pool->next = (pool->next + 1) % pool->count;
	return 0;
}

int pack_finish(struct pack *pool, struct err *err)
{
	for (size_t i = 0; i < pool->count; i++)
		if (drain(pool, &pool->slots[(pool->next + i) % pool->count],
			  err) < 0)
			return -1;
	return 0;
}
