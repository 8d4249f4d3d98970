#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "image/layer.h"
#include "image/plan.h"
#include "image/stack.h"

static const struct codec fast = { .kind = CODEC_GZIP, .level = 1 };

/* Text that compresses, and differs from chunk to chunk. */
static void fill(struct buf *out, size_t len)
{
	uint32_t x = 1;

	while (out->len < len) {
		x = x * 1664525 + 1013904223;
		buf_fmt(out, "%x ", x >> (out->len >> 18 & 15));
	}
	out->len = len;
}

static void make_plan(struct plan *plan, const struct buf *data)
{
	struct err err;

	assert_int_equal(plan_add_dir(plan, "/", 0755, &err), 0);
	assert_int_equal(plan_add_bytes(plan, "/data", buf_slice(data), &err),
			 0);
	assert_int_equal(plan_add_symlink(plan, "/link", "data", &err), 0);
	assert_int_equal(plan_finish(plan, &err), 0);
}

static void write_layer(struct layer *out, struct buf *bytes,
			const struct plan *plan, int level)
{
	const struct codec codec = { .kind = CODEC_GZIP, .level = level };
	int fd = memfd_create("layer", MFD_CLOEXEC);
	struct err err;
	char chunk[4096];
	ssize_t n;

	assert_true(fd >= 0);
	if (layer_write(out, fd, plan, STACK_ALL, &codec, &err) < 0)
		fail_msg("%s", err.text);
	lseek(fd, 0, SEEK_SET);
	while ((n = io_read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(bytes, chunk, (size_t)n);
	close(fd);
}

/* Unpack all members; returns how many there were. */
static int unpack(struct buf *out, const struct buf *bytes)
{
	z_stream z = { .next_in = (Bytef *)bytes->at,
		       .avail_in = (uInt)bytes->len };
	unsigned char chunk[65536];
	int members = 0;

	assert_int_equal(inflateInit2(&z, MAX_WBITS + 16), Z_OK);
	while (z.avail_in) {
		int status = Z_OK;

		inflateReset(&z);
		while (status == Z_OK) {
			z.next_out = chunk;
			z.avail_out = sizeof(chunk);
			status = inflate(&z, Z_NO_FLUSH);
			buf_add(out, chunk, sizeof(chunk) - z.avail_out);
		}
		assert_int_equal(status, Z_STREAM_END);
		members++;
	}
	inflateEnd(&z);
	return members;
}

static void sums_and_sizes_are_those_of_the_bytes(void **state)
{
	auto_buf struct buf data = { 0 }, bytes = { 0 }, raw = { 0 };
	struct plan plan = { 0 };
	struct layer layer;

	(void)state;
	fill(&data, 3 * CODEC_GZIP_CHUNK + 4711);
	make_plan(&plan, &data);
	write_layer(&layer, &bytes, &plan, 6);
	assert_int_equal(unpack(&raw, &bytes), 4);
	assert_true(layer.size == bytes.len && layer.raw_size == raw.len);
	assert_string_equal(layer.digest.text, sum_of(buf_slice(&bytes)).text);
	assert_string_equal(layer.diff_id.text, sum_of(buf_slice(&raw)).text);
	/* "./", "data" with its bytes, "link", two zero blocks. */
	assert_int_equal(raw.len, 512 + 512 + data.len + tar_padding(data.len) +
					  512 + 1024);
	assert_memory_equal(raw.at, "./\0", 3);
	assert_memory_equal(raw.at + 1024, data.at, data.len);
	plan_free(&plan);
}

/* RFC 1952: no time, no name, and "unknown" as the operating system. */
static void a_member_tells_nothing_of_its_maker(void **state)
{
	static const unsigned char head[8] = { 0x1f, 0x8b, 8 };
	auto_buf struct buf data = { 0 }, bytes = { 0 };
	struct plan plan = { 0 };
	struct layer layer;

	(void)state;
	fill(&data, 1000);
	make_plan(&plan, &data);
	for (int level = 0; level <= 12; level++) {
		bytes.len = 0;
		write_layer(&layer, &bytes, &plan, level);
		assert_memory_equal(bytes.at, head, sizeof(head));
		assert_int_equal((unsigned char)bytes.at[9], 255);
	}
	plan_free(&plan);
}

/* One processor or all of them: the same bytes. */
static void threads_do_not_show(void **state)
{
	auto_buf struct buf data = { 0 }, many = { 0 }, one = { 0 };
	struct plan plan = { 0 };
	struct layer layer;
	cpu_set_t all, first;
	int cpu = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	if (CPU_COUNT(&all) < 2) {
		print_message("one processor only\n");
		skip();
	}
	fill(&data, 9 * CODEC_GZIP_CHUNK + 1);
	make_plan(&plan, &data);
	write_layer(&layer, &many, &plan, 1);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&first);
	CPU_SET(cpu, &first);
	assert_int_equal(sched_setaffinity(0, sizeof(first), &first), 0);
	write_layer(&layer, &one, &plan, 1);
	sched_setaffinity(0, sizeof(all), &all);
	assert_int_equal(many.len, one.len);
	assert_memory_equal(many.at, one.at, one.len);
	plan_free(&plan);
}

/* Every size of the last chunk that could go wrong. */
static void chunks_end_where_they_should(void **state)
{
	(void)state;
	/* 3,072 bytes go to headers and the end. */
	for (int extra = -512; extra <= 512; extra += 512) {
		auto_buf struct buf data = { 0 }, bytes = { 0 }, raw = { 0 };
		struct plan plan = { 0 };
		struct layer layer;

		fill(&data, (size_t)(2 * CODEC_GZIP_CHUNK - 2560 + extra));
		make_plan(&plan, &data);
		write_layer(&layer, &bytes, &plan, 1);
		assert_int_equal(unpack(&raw, &bytes), extra > 0 ? 3 : 2);
		assert_int_equal(raw.len, 2 * CODEC_GZIP_CHUNK + extra);
		assert_string_equal(layer.diff_id.text,
				    sum_of(buf_slice(&raw)).text);
		plan_free(&plan);
	}
}

struct host_file {
	char path[64];
	struct plan plan;
};

static void plan_one(struct host_file *file, const char *content)
{
	struct stat st;
	struct err err;
	int fd;

	*file = (struct host_file){ .path = "/tmp/pith-layer-XXXXXX" };
	fd = mkostemp(file->path, O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(io_write(fd, content, strlen(content)), 0);
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	struct plan_entry entry = { .path = "/x",
				    .type = TAR_FILE,
				    .mode = 0644,
				    .size = (uint64_t)st.st_size,
				    .from = file->path,
				    .stamp = plan_stamp(&st) };

	assert_int_equal(plan_add(&file->plan, &entry, &err), 0);
	assert_int_equal(plan_finish(&file->plan, &err), 0);
}

static void expect_changed(struct host_file *file)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct layer layer;
	struct err err;

	assert_int_equal(
		layer_write(&layer, null, &file->plan, STACK_ALL, &fast, &err),
		-1);
	assert_non_null(strstr(err.text, "changed while the image"));
	close(null);
	unlink(file->path);
	plan_free(&file->plan);
}

static void a_file_that_changes_is_an_error(void **state)
{
	struct host_file file;
	int fd;

	(void)state;
	plan_one(&file, "content");
	assert_int_equal(truncate(file.path, 3), 0);
	expect_changed(&file);
	plan_one(&file, "content");
	assert_int_equal(truncate(file.path, 30), 0);
	expect_changed(&file);
	/* Another file under the same name. */
	plan_one(&file, "content");
	unlink(file.path);
	fd = open(file.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_int_equal(io_write(fd, "CONTENT", 7), 0);
	close(fd);
	expect_changed(&file);
}

static void a_full_disk_is_an_error(void **state)
{
	auto_buf struct buf data = { 0 };
	struct plan plan = { 0 };
	struct layer layer;
	struct err err;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	/* More chunks than threads, so that some are still at work. */
	fill(&data, 6 * CODEC_GZIP_CHUNK);
	make_plan(&plan, &data);
	assert_int_equal(
		layer_write(&layer, full, &plan, STACK_ALL, &fast, &err), -1);
	assert_non_null(strstr(err.text, "No space left"));
	close(full);
	plan_free(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_and_sizes_are_those_of_the_bytes),
		cmocka_unit_test(a_member_tells_nothing_of_its_maker),
		cmocka_unit_test(threads_do_not_show),
		cmocka_unit_test(chunks_end_where_they_should),
		cmocka_unit_test(a_file_that_changes_is_an_error),
		cmocka_unit_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
