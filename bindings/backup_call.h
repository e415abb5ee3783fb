#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bindings/api.h"
#include "bindings/connection_object.h"
#include "engine/backup/job.h"
#include "engine/backup/retention.h"
#include "engine/backup/sealed_file.h"

// What the functions of backup.* have in common: how their arguments are taken, and how the engine
// that they call stops, tells and reaches files.
namespace drydock::bindings {

// One call of the backup engine by a step: how the engine stops, tells and reaches files.
class Call final {
  public:
    explicit Call(execute::StepContext& context)
        : context_(context),
          job_{.files = context.files(),
               .run = run_id(context),
               .check_stop = [this] { context_.check_stop(); },
               .must_stop = [this] { return must_stop(); },
               .progress = [this](std::int64_t done, std::int64_t total,
                                  std::string_view text) { context_.progress(done, total, text); },
               .warn =
                   [this](std::string_view text) { context_.log(execute::LogLevel::Warn, text); }} {
        context_.files().set_poll([this](std::int64_t, std::int64_t) { context_.check_stop(); });
    }
    ~Call() { context_.files().set_poll({}); }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    // What `work` gives. SQLite says "interrupted" when it was stopped; the attempt's own stop is
    // what must be thrown then.
    template <class Work>
    auto run(const Work& work) {
        try {
            return work(job_);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::Interrupted) context_.check_stop();
            throw;
        }
    }

  private:
    static std::string run_id(const execute::StepContext& context) {
        const Value* id = context.names().run().member("id");
        return id == nullptr ? std::string() : to_text(*id);
    }

    // SQLite asks this from within its C code, through which nothing may be thrown.
    bool must_stop() {
        try {
            context_.check_stop();
            return false;
        } catch (const execute::Stopped&) {
            return true;
        }
    }

    execute::StepContext& context_;
    backup::Job job_;
};

// The options of one function, each of which must be given unless it says otherwise.
class Fields final {
  public:
    Fields(lua_State* state, std::string_view call)
        : state_(state), call_(call), options_(state, 1, call) {}

    std::string text(std::string_view field) {
        std::string given = options_.text(field, "");
        if (given.empty()) missing(field);
        return given;
    }
    std::string path(std::string_view field, bool must_exist) {
        return context_of(state_).files().checked_path(text(field), must_exist);
    }
    std::string connection(std::string_view field) {
        if (!options_.push(field)) missing(field);
        std::string name = connection_name(state_, -1);
        lua_pop(state_, 1);
        return name;
    }
    std::int64_t integer(std::string_view field) {
        if (!options_.push(field)) missing(field);
        lua_pop(state_, 1);
        return options_.integer(field, 0);
    }
    std::optional<Timestamp> time(std::string_view field) {
        if (!options_.push(field)) return std::nullopt;
        const Timestamp given = timestamp_argument(state_, -1, field);
        lua_pop(state_, 1);
        return given;
    }
    Timestamp needed_time(std::string_view field) {
        const auto given = time(field);
        if (!given) missing(field);
        return *given;
    }
    // A place on the list of where secrets may go.
    std::optional<crypto::Key> key(std::string_view field) {
        if (!options_.push(field)) return std::nullopt;
        const RevealedText given = revealed_argument(state_, -1, field);
        lua_pop(state_, 1);
        return crypto::key_from_secret(Secret(given.secret_name, given.text), backup::kSealPurpose);
    }
    bool flag(std::string_view field) { return options_.boolean(field, false); }
    Options& options() { return options_; }
    void finish() { options_.finish(); }

  private:
    [[noreturn]] void missing(std::string_view field) const {
        throw Error(ErrorCode::Lua, call_ + " needs " + std::string(field));
    }

    lua_State* state_;
    std::string call_;
    Options options_;
};

inline Value described(const backup::Found& found) {
    return Value::Map{{"path", found.path},
                      {"bytes", Size{found.manifest.bytes}},
                      {"digest", found.manifest.sha256},
                      {"taken_at", found.manifest.taken_at},
                      {"summary", backup::summary(found)}};
}

// Functions of backup.* that are written in api_backup_record.cpp.
int backup_record(lua_State* state);
int backup_describe(lua_State* state);

}  // namespace drydock::bindings
