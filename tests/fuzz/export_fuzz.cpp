// Any file as an export: verified or found bad, never both and never neither.

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "engine/audit/verify.h"
#include "engine/error.h"
#include "tests/fuzz/fuzz.h"

using namespace drydock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const int fd = ::memfd_create("export", MFD_CLOEXEC);
    MUST(fd >= 0 && ::write(fd, bytes, size) == static_cast<ssize_t>(size));
    try {
        const audit::Verified found = audit::verify_export("/proc/self/fd/" + std::to_string(fd));
        MUST(found.findings.size() <= audit::kMaxFindings);
        MUST(found.ok() == (found.verdict() == audit::Verdict::Ok));
        for (const audit::Finding& one : found.findings)
            MUST(one.verdict != audit::Verdict::Ok && !one.what.empty());
    } catch (const Error& error) {
        MUST(!error.message().empty());
    }
    ::close(fd);
    return 0;
}
