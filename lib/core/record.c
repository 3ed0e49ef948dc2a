/* All tables of records, and who writes what. */
#include <string.h>

#include "core/record_in.h"

const struct record_row *const record_tables[] = {
	record_notices, record_order_notices, record_kill, record_risk, record_reports, record_money, record_sim,
	record_results, record_intents, record_market, record_candles, record_account,
	record_answers, record_rules, record_statistics, NULL
};

bool
record_of(const struct record_row *r, const char *tool)
{
	size_t n = strlen(tool);

	for (const char *s = r->tools; (s = strstr(s, tool)) != NULL; s += n)
		if ((s == r->tools || s[-1] == ' ') && (s[n] == ' ' || s[n] == '\0'))
			return true;
	return false;
}
