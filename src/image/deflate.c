#include "image/deflate.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include <libdeflate.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	SLOTS_MAX = 4,
	/* From here on a compressor is 9 MB rather than 0.3. */
	LEVEL_BIG = 10,
	SLOTS_BIG = 1,
};

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
	struct libdeflate_compressor *compressor;
	void *raw;
	size_t raw_len;
	void *packed;
	size_t packed_cap;
	size_t packed_len;
};

struct deflate {
	struct deflate_sink sink;
	size_t chunk;
	int level;
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

/* The buffer holds the bound, so this cannot fail. */
static void compress(struct slot *slot)
{
	slot->packed_len = libdeflate_gzip_compress(slot->compressor, slot->raw,
						    slot->raw_len, slot->packed,
						    slot->packed_cap);
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
static int fill_slot(struct deflate *pool, struct slot *slot, struct err *err)
{
	if (slot->compressor)
		return 0;
	slot->compressor = libdeflate_alloc_compressor(pool->level);
	if (!slot->compressor)
		return err_set(err, 0, "compressor of level %d", pool->level);
	slot->packed_cap = libdeflate_gzip_compress_bound(slot->compressor,
							  pool->chunk);
	/* malloc, for calloc would have to clear recycled memory. */
	slot->raw = malloc(pool->chunk);
	slot->packed = malloc(slot->packed_cap);
	if (!slot->raw || !slot->packed)
		return err_set(err, 0, "out of memory");
	return 0;
}

struct deflate *deflate_new(size_t chunk, int level, struct deflate_sink sink,
			    struct err *err)
{
	struct deflate *pool = mem_new(1, sizeof(*pool));
	size_t count = processors();
	size_t max = level >= LEVEL_BIG ? SLOTS_BIG : SLOTS_MAX;

	*pool = (struct deflate){ .sink = sink,
				  .chunk = chunk,
				  .level = level };
	pool->count = count < max ? count : max;
	pool->is_parallel = pool->count > 1;
	for (size_t i = 0; i < pool->count; i++) {
		pthread_mutex_init(&pool->slots[i].lock, NULL);
		pthread_cond_init(&pool->slots[i].changed, NULL);
	}
	if (fill_slot(pool, &pool->slots[0], err) < 0) {
		deflate_free(pool);
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
	libdeflate_free_compressor(slot->compressor);
	free(slot->raw);
	free(slot->packed);
	pthread_mutex_destroy(&slot->lock);
	pthread_cond_destroy(&slot->changed);
}

void deflate_free(struct deflate *pool)
{
	if (!pool)
		return;
	for (size_t i = 0; i < pool->count; i++)
		free_slot(&pool->slots[i]);
	free(pool);
}

/* Wait for the slot, and write out what it holds. */
static int drain(struct deflate *pool, struct slot *slot, struct err *err)
{
	enum state state = leave_state(slot, SLOT_WAITING);

	if (state != SLOT_DONE)
		return 0;
	int result = pool->sink.write(pool->sink.to, slot->packed,
				      slot->packed_len, err);

	set_state(slot, SLOT_FREE);
	return result;
}

int deflate_buffer(void **buffer, struct deflate *pool, struct err *err)
{
	struct slot *slot = &pool->slots[pool->next];

	if (fill_slot(pool, slot, err) < 0 || drain(pool, slot, err) < 0)
		return -1;
	*buffer = slot->raw;
	return 0;
}

/* Compress here and now: nobody else is at work. */
static int compress_alone(struct deflate *pool, struct slot *slot,
			  struct err *err)
{
	compress(slot);
	return pool->sink.write(pool->sink.to, slot->packed, slot->packed_len,
				err);
}

int deflate_submit(struct deflate *pool, size_t len, struct err *err)
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

int deflate_finish(struct deflate *pool, struct err *err)
{
	for (size_t i = 0; i < pool->count; i++)
		if (drain(pool, &pool->slots[(pool->next + i) % pool->count],
			  err) < 0)
			return -1;
	return 0;
}
