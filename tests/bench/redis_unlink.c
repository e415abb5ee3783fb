/* What redis_bench.cpp compares with: the keys that fit a pattern, removed by hiredis alone.
 *
 *   redis_unlink SOCKET PATTERN
 */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static redisReply *answer(redisContext *server, redisReply *reply) {
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        fprintf(stderr, "%s\n", reply == NULL ? server->errstr : reply->str);
        exit(1);
    }
    return reply;
}

int main(int count, char **words) {
    char cursor[32] = "0";
    long long removed = 0;
    redisContext *server = count == 3 ? redisConnectUnix(words[1]) : NULL;
    if (server == NULL || server->err) return 2;
    do {
        redisReply *page = answer(server, redisCommand(server, "SCAN %s MATCH %s COUNT 1000", cursor,
                                                       words[2]));
        redisReply *keys = page->element[1];
        snprintf(cursor, sizeof cursor, "%s", page->element[0]->str);
        if (keys->elements > 0) {
            const char **argv = malloc((keys->elements + 1) * sizeof *argv);
            size_t *sizes = malloc((keys->elements + 1) * sizeof *sizes);
            argv[0] = "UNLINK";
            sizes[0] = strlen(argv[0]);
            for (size_t i = 0; i < keys->elements; ++i) {
                argv[i + 1] = keys->element[i]->str;
                sizes[i + 1] = keys->element[i]->len;
            }
            redisReply *gone = answer(
                server, redisCommandArgv(server, (int)keys->elements + 1, argv, sizes));
            removed += gone->integer;
            freeReplyObject(gone);
            free(argv);
            free(sizes);
        }
        freeReplyObject(page);
    } while (strcmp(cursor, "0") != 0);
    printf("%lld\n", removed);
    redisFree(server);
    return 0;
}
