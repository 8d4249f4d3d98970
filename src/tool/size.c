#include "tool/size.h"

#include <stdio.h>

const char *size_text(char text[SIZE_TEXT_MAX], uint64_t bytes)
{
	static const char *const units[] = { "KB", "MB", "GB", "TB" };
	uint64_t unit = 1000;
	size_t i = 0;

	if (bytes < unit) {
		snprintf(text, SIZE_TEXT_MAX, "%u bytes", (unsigned int)bytes);
		return text;
	}
	/* From 999.95 on, rounding would print four digits. */
	while (i < 3 && bytes + unit / 20 >= 1000 * unit) {
		unit *= 1000;
		i++;
	}
	uint64_t tenths = (bytes + unit / 20) / (unit / 10);

	snprintf(text, SIZE_TEXT_MAX, "%llu.%llu %s",
		 (unsigned long long)(tenths / 10),
		 (unsigned long long)(tenths % 10), units[i]);
	return text;
}
