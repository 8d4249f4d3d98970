#include "tool/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/bundle.h"
#include "image/extract.h"
#include "image/reader.h"
#include "image/reader_layer.h"

typedef int pass_fn(int root, struct tar_reader *tar, struct err *err);

/* Go through a layer once, and check its digests where it is the last time. */
static int pass_layer(int root, const struct reader *reader,
		      const struct reader_layer_info *info, pass_fn *pass,
		      struct err *err)
{
	struct reader_layer layer;

	if (reader_layer_open(&layer, reader, info, err) < 0)
		return -1;
	int result = pass(root, &layer.tar, err);

	/* What follows the end belongs to the digest, too. */
	if (result == 0)
		result = reader_layer_finish(&layer, err);
	reader_layer_close(&layer);
	return result;
}

int unpack_layers(int root, const struct reader *reader,
		  const struct reader_image *image, struct err *err)
{
	for (size_t i = 0; i < image->layer_count; i++) {
		const struct reader_layer_info *info = &image->layers[i];

		/* Below the first there is nothing to white out. */
		if ((i && pass_layer(root, reader, info, extract_whiteouts,
				     err) < 0) ||
		    pass_layer(root, reader, info, extract_layer, err) < 0)
			return err_wrap(err, "layer %zu", i + 1);
	}
	return 0;
}

/* Into the directory rootfs of the bundle. */
static int extract_image(int bundle, const struct reader *reader,
			 const struct reader_image *image, struct err *err)
{
	if (mkdirat(bundle, "rootfs", 0755) < 0)
		return err_set(err, errno, "make the root file system");
	auto_fd int root = openat(bundle, "rootfs",
				  O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_set(err, errno, "open the root file system");
	return unpack_layers(root, reader, image, err);
}

static int write_config(int bundle, const struct bundle *what, struct err *err)
{
	auto_buf struct buf text = { 0 };
	auto_fd int fd = openat(bundle, "config.json",
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(err, errno, "config.json");
	if (bundle_config(&text, what, err) < 0)
		return -1;
	if (io_write(fd, text.at, text.len) < 0)
		return err_set(err, errno, "config.json");
	return 0;
}

int unpack_bundle(struct bundle *what, const char *directory, const char *path,
		  const struct arch *arch, struct err *err)
{
	auto_fd int bundle = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct reader_image image = { 0 };
	struct reader reader;

	if (bundle < 0)
		return err_set(err, errno, "%s", directory);
	if (reader_open(&reader, path, err) < 0)
		return -1;
	int result = reader_image(&image, &reader, arch, err);

	what->config = image.config;
	if (result == 0)
		result = extract_image(bundle, &reader, &image, err);
	if (result == 0)
		result = write_config(bundle, what, err);
	what->config = NULL;
	reader_image_free(&image);
	reader_close(&reader);
	return result < 0 ? err_wrap(err, "%s", path) : 0;
}
