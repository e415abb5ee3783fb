#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <map>
#include <thread>

#include "engine/cli/commands.h"
#include "engine/cli/find_run.h"
#include "engine/cli/step_words.h"
#include "engine/cli/text.h"
#include "engine/execute/attempt_log.h"
#include "engine/os/unique_fd.h"
#include "engine/run/event_codec.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

constexpr std::size_t kPage = 256;
constexpr std::size_t kBlock = 1 << 16;
constexpr std::chrono::milliseconds kPoll{200};

// Follows the events of a run to the attempts that began, and the attempts' files as they grow.
class LogTail final {
  public:
    LogTail(Assembly& assembly, journal::RunRow row, std::string step)
        : assembly_(assembly),
          reader_(assembly.reader()),
          row_(std::move(row)),
          step_(std::move(step)),
          folder_(reader_.log_folder(row_.run)) {}

    // Prints what is new.
    void advance() {
        for (;;) {
            const auto page = reader_.events(row_.n, seq_, kPage);
            for (const journal::StoredEvent& stored : page) {
                const run::Event event = run::decode(stored.line, stored.salt, stored.body);
                if (std::holds_alternative<run::StepStarted>(event.payload)) begin(event);
                seq_ = stored.seq;
            }
            if (page.size() < kPage) break;
        }
        print_rest();
    }

    [[nodiscard]] bool run_goes_on() {
        const auto now = reader_.row(row_.n);
        return now && !run::is_final(now->status) && reader_.owner(row_.n).has_value();
    }

    // The rest of the attempt, and what its probe said after it.
    void finish() {
        print_rest();
        print_held();
        if (scope_.empty()) return;
        of_probe_ = true;
        offset_ = 0;
        headed_ = false;
        print_rest();
        print_held();
        of_probe_ = false;
        scope_.clear();
    }

  private:
    // A line that has ended without a newline.
    void print_held() {
        if (!held_.empty()) print_line(held_);
        held_.clear();
    }

    void begin(const run::Event& event) {
        finish();
        if (!step_.empty() && run::split_scope(event.scope).step != step_) return;
        scope_ = event.scope;
        attempt_ = event.attempt;
        offset_ = 0;
        headed_ = false;
    }

    void print_rest() {
        if (scope_.empty()) return;
        const std::string path =
            folder_ + "/" +
            execute::AttemptLog::file_name(scope_ + (of_probe_ ? "/probe" : ""), attempt_);
        const os::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (!file.valid()) return;  // a step that wrote nothing has none
        std::array<char, kBlock> block{};
        for (;;) {
            const ssize_t got = ::pread(file.get(), block.data(), block.size(), offset_);
            if (got <= 0) return;
            offset_ += got;
            print({block.data(), static_cast<std::size_t>(got)});
        }
    }

    void print(std::string_view bytes) {
        while (!bytes.empty()) {
            const std::size_t newline = bytes.find('\n');
            held_ += bytes.substr(0, newline);
            if (newline == std::string_view::npos) return;
            print_line(held_);
            held_.clear();
            bytes.remove_prefix(newline + 1);
        }
    }

    void print_line(const std::string& line) {
        Output& output = assembly_.output();
        if (output.json()) {
            Value::Map shown{{"scope", scope_}, {"attempt", attempt_}, {"line", line}};
            if (of_probe_) shown.emplace("probe", true);
            output.json_line(shown);
            return;
        }
        if (!headed_) {
            const std::string attempt = attempt_ > 1 ? ", attempt " + std::to_string(attempt_) : "";
            const std::string probe = of_probe_ ? ", its probe" : "";
            output.line(output.styled(Style::Bold, "== " + scope_words(scope_) + attempt + probe));
            headed_ = true;
        }
        // What a program wrote must not move the reader's cursor or recolour the terminal.
        output.line(fitted(line, std::string::npos));
    }

    Assembly& assembly_;
    journal::JournalReader& reader_;
    journal::RunRow row_;
    std::string step_;
    std::string folder_;
    std::int64_t seq_ = 0;
    std::string scope_;  // of the attempt whose file is read; empty: none
    std::int64_t attempt_ = 0;
    off_t offset_ = 0;
    bool of_probe_ = false;
    bool headed_ = false;
    std::string held_;   // a line that is not complete yet
};

void refuse_unknown_step(Assembly& assembly, const journal::RunRow& row, const std::string& step) {
    const runbook::Bundle bundle = execute::frozen_bundle(
        assembly.reader(), row.n, assembly.inspector(), assembly.sql_problem());
    if (find_step(bundle.runbook, step).step != nullptr) return;
    throw Error(ErrorCode::NotFound, "the runbook has no step " + step,
                "drydock show " + run::short_id(row.run) + " -v lists them");
}

}  // namespace

int logs_command(Assembly& assembly, const Arguments& arguments) {
    const journal::RunRow row = find_run(assembly, arguments.subjects.front());
    const std::string step = arguments.subjects.size() > 1 ? arguments.subjects[1] : std::string();
    if (!step.empty()) refuse_unknown_step(assembly, row, step);
    LogTail tail(assembly, row, step);
    tail.advance();
    while (arguments.follow && tail.run_goes_on()) {
        std::this_thread::sleep_for(kPoll);
        tail.advance();
    }
    if (arguments.follow) tail.advance();
    tail.finish();
    return 0;
}

}  // namespace drydock::cli
