/*
 * kafkamock: librdkafka's mock cluster of three brokers, for kcats that cannot begin one (-M). Prints BROKERS=...
 * and lives until its standard input ends. Built by fanout.bats where librdkafka is there.
 */
#include <stdio.h>
#include <stdlib.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

int
main(void)
{
	char why[200];
	rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why, sizeof why);
	rd_kafka_mock_cluster_t *mock = rk == NULL ? NULL : rd_kafka_mock_cluster_new(rk, 3);

	if (mock == NULL)
		return 1;
	printf("BROKERS=%s\n", rd_kafka_mock_cluster_bootstraps(mock));
	fflush(stdout);
	while (getchar() != EOF)
		continue;
	rd_kafka_mock_cluster_destroy(mock);
	rd_kafka_destroy(rk);
	return 0;
}
