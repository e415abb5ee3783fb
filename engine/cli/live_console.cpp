#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/cli/console.h"
#include "engine/cli/event_words.h"
#include "engine/cli/step_words.h"
#include "engine/cli/text.h"
#include "engine/clock.h"
#include "engine/execute/launch.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::size_t kBar = 16;

// What the moving line is made of.
struct Activity {
    std::string scope, position, what;
    Microseconds began{0};  // boot clock
    std::int64_t done = 0, total = 0;
    std::int64_t first_done = 0;    // of the first report, for the rate
    Microseconds first_report{0};
    std::string text, log;

    [[nodiscard]] bool reports() const { return first_report.count() > 0; }
};

std::string bar(std::int64_t done, std::int64_t total) {
    const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    const auto full = static_cast<std::size_t>(part * static_cast<double>(kBar));
    std::string out;
    for (std::size_t i = 0; i < kBar; ++i) out += i < full ? "█" : "░";
    return out;
}

// The screen of one run: steps that are over are lines, and below them one line moves. It is drawn
// by an own thread, because a step may be silent for an hour; the mutex keeps both off each other.
//
//   ✓ 2/7  Room for the compacted copy  0.1 s  free=8.1GiB
//   3/7 Delete expired cache rows  41 s  ██████░░░░░░░░░░ 120,000/310,000 2,926/s  batch 24
//
// The moving line is erased before anything else is written and never longer than the screen is
// wide, so that nothing wraps and nothing is left behind.
class LiveConsole final : public RunConsole {
  public:
    LiveConsole(Output& output, const runbook::Bundle& bundle)
        : RunConsole(bundle), output_(output) {}

    ~LiveConsole() override {
        {
            const std::lock_guard lock(mutex_);
            over_ = true;
            erase();
        }
        changed_.notify_all();
    }

    void log_line(std::string_view scope, execute::LogLevel level, std::string_view text) override {
        const std::lock_guard lock(mutex_);
        activity_.log = text;
        if (level < shown_from(output_)) return;
        const Style style = level == execute::LogLevel::Error  ? Style::Red
                            : level == execute::LogLevel::Warn ? Style::Yellow
                                                               : Style::Dim;
        print(output_.styled(
            style, fitted("  " + words(scope) + ": " + std::string(text), output_.width())));
    }

    void progress(std::string_view scope, std::int64_t done, std::int64_t total,
                  std::string_view text) override {
        const std::lock_guard lock(mutex_);
        if (scope != activity_.scope) return;
        if (!activity_.reports()) {
            activity_.first_report = system_clock().boot();
            activity_.first_done = done;
        }
        activity_.done = done;
        activity_.total = total;
        activity_.text = text;
    }

  protected:
    void show(const run::Event& event, const run::RunState& state) override {
        const std::lock_guard lock(mutex_);
        // Not in the constructor: signals must be masked before the first thread is there.
        if (!drawer_.joinable()) drawer_ = std::jthread([this] { draw_until_over(); });
        if (const auto* created = std::get_if<run::RunCreated>(&event.payload)) {
            print(output_.styled(Style::Bold, created->runbook) + "  run " +
                  run::short_id(event.run));
        } else if (std::holds_alternative<run::StepStarted>(event.payload)) {
            begin(event, state);
        }
        if (const auto words = words_of(event, state, bundle())) {
            if (event.scope == activity_.scope) activity_ = {};
            print(line_of(*words));
        }
        if (std::holds_alternative<run::WaitBegan>(event.payload)) begin(event, state);
        if (std::holds_alternative<run::RunSuspended>(event.payload) ||
            std::holds_alternative<run::RunEnded>(event.payload)) {
            over_ = true;
            erase();
        }
    }

  private:
    static std::string words(std::string_view scope) {
        return scope.find('/') == std::string_view::npos ? std::string(scope) : scope_words(scope);
    }

    void begin(const run::Event& event, const run::RunState& state) {
        const run::ScopeParts parts = run::split_scope(event.scope);
        const StepPosition position = find_step(bundle().runbook, parts.step);
        activity_ = {.scope = event.scope,
                     .position = {},
                     .what = scope_words(event.scope),
                     .began = system_clock().boot(),
                     .text = {},
                     .log = {}};
        if (position.step == nullptr) return;
        activity_.position = std::to_string(position.number) + "/" + std::to_string(position.total);
        if (!position.step->title) return;
        activity_.what = title_of(*position.step, execute::recorded_params(state));
        if (parts.phase == "undo") activity_.what = "undo: " + activity_.what;
        if (parts.index > 0) activity_.what += " (item " + std::to_string(parts.index) + ")";
    }

    std::string line_of(const EventWords& words) {
        std::string text = words.position.empty() ? "" : words.position + "  ";
        text += words.what;
        if (words.took >= 0) text += "  " + span(words.took);
        if (words.took < 0 && !words.status.empty()) text += "  " + words.status;
        if (!words.detail.empty()) text += "  " + words.detail;
        const std::size_t room = output_.width() > 2 ? output_.width() - 2 : 1;
        return output_.styled(words.style, words.mark) + " " + fitted(text, room);
    }

    std::string moving_line() {
        const Microseconds now = system_clock().boot();
        std::string line = activity_.position + " " + activity_.what + "  " +
                           span((now - activity_.began).count());
        if (activity_.reports()) {
            if (activity_.total > 0)
                line += "  " + bar(activity_.done, activity_.total) + " " +
                        grouped(activity_.done) + "/" + grouped(activity_.total);
            else line += "  " + grouped(activity_.done);
            const double seconds =
                static_cast<double>((now - activity_.first_report).count()) / 1e6;
            const auto rate =
                seconds > 1
                    ? static_cast<std::int64_t>(
                          static_cast<double>(activity_.done - activity_.first_done) / seconds)
                    : 0;
            if (rate > 0) line += " " + grouped(rate) + "/s";
        }
        if (!activity_.text.empty()) line += "  " + activity_.text;
        if (!activity_.log.empty()) line += "  " + activity_.log;
        // One column less than there are: a terminal wraps when the last one is written.
        return fitted(line, output_.width() - 1);
    }

    // All below with the mutex held.

    void erase() {
        if (drawn_.empty()) return;
        output_.text("\r\033[K");
        drawn_.clear();
    }

    void print(const std::string& line) {
        const std::string before = drawn_.empty() ? "" : "\r\033[K";
        drawn_.clear();
        output_.text(before + line + "\n");
    }

    void draw() {
        if (activity_.scope.empty()) return erase();
        std::string line = moving_line();
        if (line == drawn_) return;
        output_.text("\r" + line + "\033[K");
        drawn_ = std::move(line);
    }

    void draw_until_over() {
        std::unique_lock lock(mutex_);
        while (!over_) {
            draw();
            changed_.wait_for(lock, kRedraw, [this] { return over_; });
        }
    }

    Output& output_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Activity activity_;
    std::string drawn_;
    bool over_ = false;
    std::jthread drawer_;  // last: joined before the others go
};

}  // namespace

std::unique_ptr<RunConsole> make_live_console(Output& output, const runbook::Bundle& bundle) {
    return std::make_unique<LiveConsole>(output, bundle);
}

}  // namespace drydock::cli
