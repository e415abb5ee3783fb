#include <fcntl.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "engine/audit/export.h"
#include "engine/audit/verify.h"
#include "engine/cli/commands.h"
#include "engine/cli/find_run.h"
#include "engine/cli/text.h"
#include "engine/os/atomic_file.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

Value::Map to_map(const audit::Finding& finding) {
    Value::Map map{{"verdict", audit::verdict_name(finding.verdict)}, {"what", finding.what}};
    if (!finding.run.empty()) map.emplace("run", finding.run);
    if (finding.seq > 0) map.emplace("seq", finding.seq);
    if (finding.offset >= 0) map.emplace("offset", finding.offset);
    return map;
}

std::string to_text(const audit::Finding& finding) {
    std::string text(audit::verdict_name(finding.verdict));
    if (!finding.run.empty()) text += "  run " + run::short_id(finding.run);
    if (finding.seq > 0) text += "  event " + std::to_string(finding.seq);
    if (finding.offset >= 0) text += "  byte " + std::to_string(finding.offset);
    return text + "  " + finding.what;
}

Value::Map to_map(const audit::Verified& verified) {
    return {{"verdict", audit::verdict_name(verified.verdict())},
            {"runs", verified.runs},
            {"events", verified.events},
            {"erased", verified.erased},
            {"pruned", verified.pruned},
            {"ledger", verified.ledger},
            {"heads", verified.heads},
            {"signatures_checked", verified.signatures_checked},
            {"unsealed_events", verified.unsealed_events},
            {"unsealed_runs", verified.unsealed_runs}};
}

std::string counted(std::int64_t number, const std::string& one, const std::string& many = {}) {
    return grouped(number) + " " + (number == 1 ? one : many.empty() ? one + "s" : many);
}

// What is right, and good to know.
std::vector<std::string> remarks(const audit::Verified& verified) {
    std::vector<std::string> lines;
    if (verified.unsealed_events > 0)
        lines.push_back("unsealed tail: " + counted(verified.unsealed_events, "event") + " of " +
                        counted(verified.unsealed_runs, "run"));
    if (verified.erased > 0)
        lines.push_back("erased on purpose: " + counted(verified.erased, "body", "bodies"));
    if (verified.pruned > 0) lines.push_back("pruned: " + counted(verified.pruned, "run"));
    if (verified.heads > 0 && verified.ok())
        lines.push_back(counted(verified.heads, "signed head") +
                        (verified.signatures_checked
                             ? ", by the pinned key"
                             : "; who signed was not looked at: --key says whom to believe"));
    return lines;
}

void print(Output& output, const audit::Verified& verified, const std::string& what) {
    if (output.json()) {
        for (const audit::Finding& finding : verified.findings) output.json_line(to_map(finding));
        output.json_line(to_map(verified));
        return;
    }
    for (const audit::Finding& finding : verified.findings)
        output.line(output.styled(Style::Red, to_text(finding)));
    const std::string summary =
        what + ": " + grouped(verified.events) + " events of " + grouped(verified.runs) + " runs";
    output.line(output.styled(verified.ok() ? Style::Green : Style::Red,
                              std::string(audit::verdict_name(verified.verdict()))) +
                "  " + summary);
    for (const std::string& remark : remarks(verified)) output.line("    " + remark);
}

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (!file.good() && !file.eof()) throw_errno(ErrorCode::File, "reading " + path, errno);
    return text;
}

audit::VerifyOptions witnesses(const Arguments& arguments) {
    audit::VerifyOptions options;
    if (arguments.keys.size() > 1)
        throw Error(ErrorCode::Usage, "one key is pinned, not several", "verify once for each key");
    for (const std::string& key : arguments.keys)
        options.key = audit::verifier_key(std::filesystem::exists(key) ? content(key) : key);
    for (const std::string& head : arguments.heads) {
        if (!options.key)
            throw Error(ErrorCode::Usage, "a head is believed only with the key that signed it",
                        "--key KEY|FILE: what drydock audit key showed when the key was made");
        if (!std::filesystem::exists(head))
            throw Error(ErrorCode::Usage, "there is no file " + head, "--head names a signed head");
        options.heads.push_back({head, content(head)});
    }
    return options;
}

std::optional<std::int64_t> run_to_export(Assembly& assembly, const Arguments& arguments) {
    if (arguments.all == !arguments.subjects.empty()) {
        throw Error(ErrorCode::Usage, "export wants a run, or --all",
                    "drydock audit export last; drydock audit export --all -o journal.jsonl");
    }
    if (arguments.all) return std::nullopt;
    return find_run(assembly, arguments.subjects.front()).n;
}

void export_to_file(Assembly& assembly, std::optional<std::int64_t> run, const std::string& file) {
    const std::filesystem::path path = std::filesystem::absolute(file);
    const os::UniqueFd folder(
        ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) throw_errno(ErrorCode::File, path.parent_path().string(), errno);
    os::AtomicFile written(folder.get(), path.filename(), 0600);
    const std::int64_t events = audit::export_journal(
        assembly.reader(), run, [&](std::string_view bytes) { written.write(bytes); });
    written.commit();
    assembly.output().note("wrote " + grouped(events) + " events to " + file);
}

}  // namespace

int audit_verify_command(Assembly& assembly, const Arguments& arguments) {
    const bool of_file = !arguments.subjects.empty();
    const audit::VerifyOptions options = witnesses(arguments);
    const audit::Verified verified = of_file
                                         ? audit::verify_export(arguments.subjects.front(), options)
                                         : audit::verify_journal(assembly.reader(), options);
    print(assembly.output(), verified,
          of_file ? arguments.subjects.front() : assembly.reader().info().place);
    return verified.ok() ? 0 : exit_status(ErrorCode::Integrity);
}

int audit_export_command(Assembly& assembly, const Arguments& arguments) {
    const std::optional<std::int64_t> run = run_to_export(assembly, arguments);
    if (arguments.export_file.empty()) {
        audit::export_journal(assembly.reader(), run,
                              [&](std::string_view bytes) { assembly.output().text(bytes); });
    } else {
        export_to_file(assembly, run, arguments.export_file);
    }
    return 0;
}

}  // namespace drydock::cli
