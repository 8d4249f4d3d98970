#include "image/pack.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/cache.h"
#include "image/codec.h"

enum { WORKERS_MAX = 3, JOBS_MAX = WORKERS_MAX + 1 };

/* A chunk on its way. */
struct job {
	char *data; /* the chunk, and then what became of it */
	size_t len;
	bool is_done;
};

/*
 * What it takes to compress one chunk. The result goes back to where the chunk
 * was: so a worker can begin the next one before this one's turn to be written.
 */
struct worker {
	struct pack *pool;
	struct codec_work *work;
	char *packed;
	pthread_t thread;
};

/*
 * Job n of the stream is jobs[n % job_count]: those below written are out, the
 * caller fills number filled, and the threads take those between in order.
 */
struct pack {
	struct pack_sink sink;
	struct codec codec;
	size_t chunk;
	size_t cap; /* of each buffer */
	struct worker workers[WORKERS_MAX];
	size_t worker_count; /* allowed */
	size_t thread_count; /* running */
	struct job jobs[JOBS_MAX];
	size_t job_count;
	size_t written;	      /* the caller's */
	pthread_mutex_t lock; /* of what follows, and of is_done */
	pthread_cond_t has_work, has_done;
	size_t filled, taken;
	bool must_quit;
};

static size_t processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (size_t)CPU_COUNT(&set);
}

static struct job *job_of(struct pack *pool, size_t n)
{
	return &pool->jobs[n % pool->job_count];
}

/* The compressed chunk into worker->packed; its length, 0 if that failed. */
static size_t run(struct worker *worker, const struct job *job)
{
	const struct pack *pool = worker->pool;
	struct cache *cache = job->len < CACHE_CHUNK_MIN ? NULL
							 : pool->codec.cache;
	struct cache_key key;
	size_t len;

	if (cache) {
		cache_key(&key, cache, job->data, job->len);
		if (cache_get(&len, cache, &key, worker->packed, pool->cap))
			return len;
	}
	len = codec_run(worker->work, worker->packed, pool->cap, job->data,
			job->len);
	if (cache && len)
		cache_put(cache, &key, worker->packed, len);
	return len;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct pack *pool = worker->pool;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (pool->taken == pool->filled && !pool->must_quit)
			pthread_cond_wait(&pool->has_work, &pool->lock);
		if (pool->must_quit)
			break;
		struct job *job = job_of(pool, pool->taken++);

		pthread_mutex_unlock(&pool->lock);
		job->len = run(worker, job);
		memcpy(job->data, worker->packed, job->len);
		pthread_mutex_lock(&pool->lock);
		job->is_done = true;
		pthread_cond_signal(&pool->has_done);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* Memory that is not touched costs nothing, so a small layer stays small. */
static int open_worker(struct pack *pool, struct worker *worker,
		       struct err *err)
{
	if (worker->work)
		return 0;
	worker->pool = pool;
	worker->work = codec_open(&pool->codec, err);
	if (!worker->work)
		return -1;
	/* The same for all, and threads may be reading it. */
	if (worker == pool->workers)
		pool->cap = codec_bound(worker->work, pool->chunk);
	worker->packed = malloc(pool->cap);
	return worker->packed ? 0 : err_set(err, 0, "out of memory");
}

struct pack *pack_new(const struct codec *codec, struct pack_sink sink,
		      struct err *err)
{
	struct pack *pool = mem_new(1, sizeof(*pool));
	size_t count = processors();
	size_t max = codec_workers(codec);

	*pool = (struct pack){ .sink = sink,
			       .codec = *codec,
			       .chunk = codec_chunk(codec),
			       .cap = codec_chunk(codec) };
	pool->worker_count = count < max ? count : max;
	/* One more is filled or written while all threads are at work. */
	pool->job_count = pool->worker_count > 1 ? pool->worker_count + 1 : 1;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->has_work, NULL);
	pthread_cond_init(&pool->has_done, NULL);
	if (codec->kind != CODEC_NONE &&
	    open_worker(pool, &pool->workers[0], err) < 0) {
		pack_free(pool);
		return NULL;
	}
	return pool;
}

static void stop_threads(struct pack *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->must_quit = true;
	pthread_cond_broadcast(&pool->has_work);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i < pool->thread_count; i++)
		pthread_join(pool->workers[i].thread, NULL);
}

void pack_free(struct pack *pool)
{
	if (!pool)
		return;
	stop_threads(pool);
	for (size_t i = 0; i < WORKERS_MAX; i++) {
		codec_close(pool->workers[i].work);
		free(pool->workers[i].packed);
	}
	for (size_t i = 0; i < JOBS_MAX; i++)
		free(pool->jobs[i].data);
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->has_work);
	pthread_cond_destroy(&pool->has_done);
	free(pool);
}

static int write_out(struct pack *pool, const void *data, size_t len,
		     struct err *err)
{
	if (!len)
		return err_set(err, 0, "the compressor failed");
	return pool->sink.write(pool->sink.to, data, len, err);
}

/* Wait for the oldest job, and write out what it became. */
static int write_oldest(struct pack *pool, struct err *err)
{
	struct job *job = job_of(pool, pool->written);

	pthread_mutex_lock(&pool->lock);
	while (!job->is_done)
		pthread_cond_wait(&pool->has_done, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	pool->written++;
	return write_out(pool, job->data, job->len, err);
}

int pack_buffer(void **buffer, struct pack *pool, struct err *err)
{
	struct job *job = job_of(pool, pool->filled);

	if (pool->filled - pool->written == pool->job_count &&
	    write_oldest(pool, err) < 0)
		return -1;
	/* malloc, for calloc would have to clear recycled memory. */
	if (!job->data)
		job->data = malloc(pool->cap);
	if (!job->data)
		return err_set(err, 0, "out of memory");
	*buffer = job->data;
	return 0;
}

/* Compress here and now: nobody else is at work. */
static int compress_alone(struct pack *pool, const struct job *job,
			  struct err *err)
{
	struct worker *worker = &pool->workers[0];

	if (pool->codec.kind == CODEC_NONE)
		return pool->sink.write(pool->sink.to, job->data, job->len,
					err);
	return write_out(pool, worker->packed, run(worker, job), err);
}

/* Another thread, if that is allowed; without one it goes on as it is. */
static int start_thread(struct pack *pool, struct err *err)
{
	struct worker *worker = &pool->workers[pool->thread_count];

	if (pool->thread_count == pool->worker_count)
		return 0;
	if (open_worker(pool, worker, err) < 0)
		return -1;
	if (pthread_create(&worker->thread, NULL, work, worker) == 0)
		pool->thread_count++;
	return 0;
}

int pack_submit(struct pack *pool, size_t len, struct err *err)
{
	struct job *job = job_of(pool, pool->filled);
	/* A chunk that is not full is the last: a lone one needs no thread. */
	bool is_lone = !pool->thread_count && len < pool->chunk;

	job->len = len;
	job->is_done = false;
	if (pool->worker_count > 1 && !is_lone && start_thread(pool, err) < 0)
		return -1;
	if (!pool->thread_count)
		return compress_alone(pool, job, err);
	pthread_mutex_lock(&pool->lock);
	pool->filled++;
	pthread_cond_signal(&pool->has_work);
	pthread_mutex_unlock(&pool->lock);
	return 0;
}

int pack_finish(struct pack *pool, struct err *err)
{
	while (pool->written < pool->filled)
		if (write_oldest(pool, err) < 0)
			return -1;
	return 0;
}
