#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/service.h"
#include "image/layer.h"
#include "image/manifest.h"
#include "image/recipe.h"
#include "image/stack.h"

#define URL "http://127.0.0.1:8080/healthz"

static int parse(struct service *service, const char *value, struct err *err)
{
	static char text[1024];

	strcpy(text, "[Service]\nHealthCheck=");
	strcat(text, value);
	return service_parse(service, text, strlen(text), err);
}

static void health_check_is_read_and_printed(void **state)
{
	auto_buf struct buf out = { 0 };
	struct service service;
	struct err err;

	(void)state;
	assert_int_equal(parse(&service, URL, &err), 0);
	assert_string_equal(service.health_check, URL);
	service_print(&out, &service);
	assert_string_equal(out.at, "[Service]\nHealthCheck=" URL "\n");
}

static void a_bad_health_check_names_key_and_value(void **state)
{
	struct service service;
	struct err err;

	(void)state;
	assert_int_equal(parse(&service, "http://localhost:x/", &err), -1);
	assert_string_equal(err.text,
			    "line 2: HealthCheck: 'http://localhost:x/' is not "
			    "http://ADDRESS[:PORT]/PATH, tcp://ADDRESS:PORT or "
			    "unix:/PATH");
	assert_int_equal(parse(&service, "", &err), -1);
}

static void health_check_may_be_set_later(void **state)
{
	char value[] = "tcp://[::1]:1";
	struct service service;
	struct err err;

	(void)state;
	assert_int_equal(parse(&service, URL, &err), 0);
	assert_int_equal(service_tighten(&service, SLICE("HealthCheck"), value,
					 strlen(value), &err),
			 0);
	assert_string_equal(service.health_check, "tcp://[::1]:1");
}

static char *config_of(const char *recipe_text)
{
	static const struct layer layer = { .size = 1 };
	static const struct stack stack = { .count = 1 };
	static const struct sum filter;
	static char text[1024], config[4096];
	struct recipe recipe;
	struct manifest manifest;
	struct err err;

	strcpy(text, recipe_text);
	if (recipe_parse(&recipe, text, strlen(text), "x.pith", &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(manifest_make(&manifest, &recipe, &stack, &layer,
				       &filter, &err),
			 0);
	assert_true(manifest.config.len < sizeof(config));
	strcpy(config, manifest.config.at);
	manifest_free(&manifest);
	recipe_free(&recipe);
	return config;
}

static void the_image_config_has_what_docker_asks(void **state)
{
	(void)state;
	assert_non_null(strstr(
		config_of("[Service]\nExecStart=/x\nHealthCheck=" URL "\n"),
		"\"Healthcheck\":{\"Interval\":10000000000,\"Retries\":3,"
		"\"StartInterval\":1000000000,\"StartPeriod\":5000000000,"
		"\"Test\":[\"CMD\",\"/init\",\"--probe\",\"" URL "\"],"
		"\"Timeout\":4000000000}"));
	assert_null(strstr(config_of("[Service]\nExecStart=/x\n"), "Health"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(health_check_is_read_and_printed),
		cmocka_unit_test(a_bad_health_check_names_key_and_value),
		cmocka_unit_test(health_check_may_be_set_later),
		cmocka_unit_test(the_image_config_has_what_docker_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
