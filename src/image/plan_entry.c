/* What one entry of a plan holds. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/plan.h"

const char *plan_link(const struct plan_entry *entry)
{
	return entry->type == TAR_SYMLINK ? entry->link : NULL;
}

const char *plan_bytes(const struct plan_entry *entry)
{
	return entry->type == TAR_FILE && !entry->from ? entry->bytes : NULL;
}

const char *plan_caps(const struct plan_entry *entry)
{
	return entry->type == TAR_FILE && entry->from ? entry->caps : NULL;
}

bool plan_file(struct buf *out, const struct plan_entry *entry)
{
	if (!entry->from)
		return false;
	buf_text(out, entry->from);
	if (entry->is_below)
		buf_text(out, strrchr(entry->path, '/'));
	return true;
}

static uint64_t nanoseconds(struct timespec t)
{
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Odd factors, under which no two values of one term are the same. */
struct plan_stamp plan_stamp(const struct stat *st)
{
	return (struct plan_stamp){
		.inode = st->st_ino,
		.state = nanoseconds(st->st_ctim) +
			 nanoseconds(st->st_mtim) * 0x9e3779b97f4a7c15 +
			 (uint64_t)st->st_dev * 0xc2b2ae3d27d4eb4f,
	};
}

bool plan_stamp_equal(const struct plan_stamp *a, const struct plan_stamp *b)
{
	return a->inode == b->inode && a->state == b->state;
}

bool plan_is_file(const struct plan_entry *entry, const struct stat *st)
{
	struct plan_stamp stamp = plan_stamp(st);

	return entry->from && plan_stamp_equal(&stamp, &entry->stamp);
}

int plan_check_file(const struct plan_entry *entry, const struct stat *now,
		    struct err *err)
{
	if (plan_is_file(entry, now) && (uint64_t)now->st_size == entry->size)
		return 0;
	auto_buf struct buf file = { 0 };

	plan_file(&file, entry);
	return err_set(err, 0, "%s: changed while the image was being built",
		       buf_slice(&file).at);
}
