/* What names libraries that are opened: services lie within the text. */
#include <stdint.h>
#include <stdlib.h>

#include "data/choice_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct choice_conf conf = { .text = text };
	struct slice service;
	size_t count = 0;

	while (choice_conf_service(&service, &conf))
		if (!service.len || service.at < text.at ||
		    service.at + service.len > text.at + text.len ||
		    ++count > size)
			abort();
	choice_conf_gconv_leads_away(text);
	choice_conf_openssl_loads(text);
	choice_conf_sasl_lists(text);
	struct slice rest = text, loads = text;

	while (choice_conf_gnutls_module(&service, &loads))
		if (!service.len || service.at < text.at ||
		    service.at + service.len > text.at + text.len)
			abort();
	while (choice_conf_p11_module(&service, &rest))
		if (!service.len || service.at < text.at ||
		    service.at + service.len > text.at + text.len)
			abort();
	for (rest = text; choice_conf_preloaded(&service, &rest);)
		if (!service.len || service.at < text.at ||
		    service.at + service.len > text.at + text.len)
			abort();
	return 0;
}
