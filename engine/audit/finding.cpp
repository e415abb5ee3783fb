#include "engine/audit/finding.h"

#include <algorithm>

namespace drydock::audit {

std::string_view verdict_name(Verdict verdict) {
    switch (verdict) {
        case Verdict::Ok: return "ok";
        case Verdict::Truncated: return "truncated";
        case Verdict::Gap: return "gap";
        case Verdict::Altered: return "altered";
        case Verdict::Forked: return "forked";
        case Verdict::Unknown: return "unknown";
    }
    return "ok";
}

Verdict Verified::verdict() const {
    Verdict worst = Verdict::Ok;
    for (const Finding& finding : findings) worst = std::max(worst, finding.verdict);
    return worst;
}

}  // namespace drydock::audit
