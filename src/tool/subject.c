#include "tool/subject.h"

#include "base/err.h"

int subject_open(struct subject *subject, const char *path,
		 const struct arch *arch, struct err *err)
{
	*subject = (struct subject){ .path = path };
	if (reader_open(&subject->reader, path, err) < 0)
		return -1;
	if (reader_image(&subject->image, &subject->reader, arch, err) < 0 ||
	    scan_image(&subject->scan, &subject->reader, &subject->image, err) <
		    0)
		return err_wrap(err, "%s", path);
	return 0;
}

void subject_close(struct subject *subject)
{
	scan_free(&subject->scan);
	reader_image_free(&subject->image);
	reader_close(&subject->reader);
}
