#include "clock.h"

#include <time.h>

#include "text.h"

enum { DAY_SECONDS = 86400 };

int64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t clock_ms(void)
{
	return clock_ns() / 1000000;
}

struct date {
	uint64_t year;
	unsigned int month;   /* 1 to 12 */
	unsigned int day;     /* 1 to 31 */
	unsigned int weekday; /* 0 is Sunday */
	unsigned int second;  /* of the day */
};

/*
 * Not gmtime_r: musl's drags in its reader of time zone files, and with it
 * open and mmap. Days are counted from 0000-03-01, so that a leap day ends
 * its year (the method of Howard Hinnant's civil_from_days).
 */
static struct date date_of(time_t now)
{
	uint64_t seconds = now > 0 ? (uint64_t)now : 0;
	uint64_t days = seconds / DAY_SECONDS + 719468;
	uint64_t era = days / 146097;
	uint64_t of_era = days % 146097;
	uint64_t year = (of_era - of_era / 1460 + of_era / 36524 -
			 of_era / 146096) /
			365;
	uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	uint64_t month = (5 * of_year + 2) / 153; /* 0 is March */

	return (struct date){
		.year = year + era * 400 + (month >= 10),
		.month = (unsigned int)(month < 10 ? month + 3 : month - 9),
		.day = (unsigned int)(of_year - (153 * month + 2) / 5 + 1),
		.weekday = (unsigned int)((days + 3) % 7),
		.second = (unsigned int)(seconds % DAY_SECONDS),
	};
}

static void put_time(struct text *text, unsigned int second)
{
	text_digits(text, second / 3600, 2);
	text_str(text, ":");
	text_digits(text, second / 60 % 60, 2);
	text_str(text, ":");
	text_digits(text, second % 60, 2);
}

void clock_put_rfc3339(struct text *text)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	struct date date = date_of(ts.tv_sec);

	text_digits(text, date.year, 4);
	text_str(text, "-");
	text_digits(text, date.month, 2);
	text_str(text, "-");
	text_digits(text, date.day, 2);
	text_str(text, "T");
	put_time(text, date.second);
	text_str(text, ".");
	text_digits(text, (uint64_t)ts.tv_nsec / 1000000, 3);
	text_str(text, "Z");
}

void clock_put_http(struct text *text)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	struct date date = date_of(ts.tv_sec);

	text_put(text, days + 3 * date.weekday, 3);
	text_str(text, ", ");
	text_digits(text, date.day, 2);
	text_str(text, " ");
	text_put(text, months + 3 * (date.month - 1), 3);
	text_str(text, " ");
	text_digits(text, date.year, 4);
	text_str(text, " ");
	put_time(text, date.second);
	text_str(text, " GMT");
}
