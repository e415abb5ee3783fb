#include "engine/check.h"

#include <unistd.h>

#include <cstdio>

namespace drydock {

void check_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr,
                 "drydock: internal error: %s is not true (%s:%d)\n"
                 "hint: this is a bug of drydock, not of your runbook; the journal is safe and "
                 "drydock resume continues the run\n",
                 condition, file, line);
    _exit(kExitBug);
}

}  // namespace drydock
