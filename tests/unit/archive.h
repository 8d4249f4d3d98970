#ifndef TESTS_UNIT_ARCHIVE_H
#define TESTS_UNIT_ARCHIVE_H

/*
 * archive: tars and image archives in memory, for tests. Include cmocka.h
 * first.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "data/tar.h"
#include "image/reader.h"
#include "image/sum.h"

static const char zeros[2 * TAR_BLOCK];

static void add(struct buf *tar, char type, const char *path, struct slice data)
{
	struct err err;
	bool is_file = type == TAR_FILE;

	assert_int_equal(tar_header(tar,
				    &(struct tar_entry){
					    .type = type,
					    .path = path,
					    .link = is_file ? "" : data.at,
					    .mode = 0644,
					    .size = is_file ? data.len : 0 },
				    &err),
			 0);
	if (!is_file)
		return;
	buf_add(tar, data.at, data.len);
	buf_add(tar, zeros, tar_padding(data.len));
}

static void add_text(struct buf *tar, const char *path, const char *text)
{
	add(tar, TAR_FILE, path, slice_from(text));
}

/* A docker-archive of uncompressed layers, as docker save wrote for years. */
static void make_archive(struct buf *tar, const struct buf *layers,
			 size_t count)
{
	auto_buf struct buf config = { 0 }, list = { 0 };
	char name[40];

	buf_text(&config, "{\"architecture\":\"amd64\",\"os\":\"linux\","
			  "\"config\":{},\"rootfs\":{\"type\":\"layers\","
			  "\"diff_ids\":[");
	buf_text(&list, "[{\"Config\":\"config.json\",\"RepoTags\":null,"
			"\"Layers\":[");
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%zu/layer.tar", i);
		add(tar, TAR_FILE, name, buf_slice(&layers[i]));
		buf_fmt(&config, "%s\"%s\"", i ? "," : "",
			sum_of(buf_slice(&layers[i])).text);
		buf_fmt(&list, "%s\"%s\"", i ? "," : "", name);
	}
	buf_text(&config, "]}}");
	buf_text(&list, "]}]");
	add_text(tar, "config.json", config.at);
	add_text(tar, "./manifest.json", list.at);
	buf_add(tar, zeros, sizeof(zeros));
}

/*
 * Open an archive of these bytes; both must be released, also after a
 * failure.
 */
static int open_archive(struct reader *reader, struct reader_image *image,
			const struct buf *tar, struct err *err)
{
	char path[] = "/tmp/pith-archive-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	assert_int_equal(io_write(fd, buf_slice(tar).at, tar->len), 0);
	close(fd);
	int result = reader_open(reader, path, err);

	unlink(path);
	return result < 0 ? -1 : reader_image(image, reader, NULL, err);
}

#endif
