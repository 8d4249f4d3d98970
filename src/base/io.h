#ifndef BASE_IO_H
#define BASE_IO_H

/*
 * io: whole reads and writes, and outputs that appear only when complete.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

/*
 * Read until cap bytes are stored or the file ends. Returns the number of
 * bytes, or -1 with errno set. EINTR is not an answer.
 */
ssize_t io_read(int fd, void *buf, size_t cap);

/* As io_read, from an offset and without moving the file position. */
ssize_t io_read_at(int fd, void *buf, size_t cap, uint64_t offset);

/* Write all of buf. Returns 0, or -1 with errno set. */
int io_write(int fd, const void *buf, size_t len);
int io_write_at(int fd, const void *buf, size_t len, uint64_t offset);

/*
 * Host only. Read a whole file of at most max bytes into *data, which the
 * caller frees; one zero byte follows the *len bytes. path "-" is standard
 * input.
 */
int io_load(char **data, size_t *len, const char *path, size_t max,
	    struct err *err);

/* The same of what is open; hint is about how large it is. */
int io_load_fd(char **data, size_t *len, int fd, size_t hint, size_t max,
	       struct err *err);

/*
 * Host only. A file without a name in TMPDIR (or /tmp), for what does not fit
 * into memory: its descriptor, or -1.
 */
int io_scratch(struct err *err);

/*
 * Host only. As realpath(3), which the caller frees; of a file without a name
 * the path itself, such as /proc/self/fd/3. NULL with errno set.
 */
char *io_real_path(const char *path);

/*
 * Host only. A file under construction: bytes go to a file in the directory of
 * path that has no name, where the file system can do that, and path changes
 * by one link or rename, or not at all.
 */
struct io_output {
	int fd;
	char *path; /* the final name */
	char *temp; /* the name until io_commit, or NULL: none */
	bool stays_nameless;
};

/*
 * Host only. Whether an output may replace what is at path: nothing, or a
 * regular file that is not reached by a link to a standard stream.
 */
int io_check(const char *path, struct err *err);

/*
 * Start an output. On success the caller owes io_commit or io_discard. Of a
 * process that is killed nothing stays, but of one in the middle of replacing
 * a file, or where no file can be without a name, PATH.XXXXXX.tmp. A file that
 * has no name and gets none, such as /proc/self/fd/3, is written where it is.
 */
int io_create(struct io_output *out, const char *path, struct err *err);

/* The same, with a name from the start, for programs that want one. */
int io_create_named(struct io_output *out, const char *path, struct err *err);

/*
 * Host only. Let the kernel begin to store what was written so far, so that a
 * sync later has little to wait for. Changes nothing else, and cannot fail.
 */
void io_hasten(int fd);

/* Sync, close and rename; the output is gone from *out even on failure. */
int io_commit(struct io_output *out, struct err *err);

/* Remove the temporary file. Harmless after io_commit. */
void io_discard(struct io_output *out);

#endif
