#include "bindings/script_facts.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/error.h"

namespace drydock::bindings {
namespace {

using Facts = runbook::ScriptFacts;
using Path = std::vector<std::string>;

// What is known of a register or an upvalue.
struct Known {
    enum class Kind : std::uint8_t { Nothing, Globals, Name, Text };
    Kind kind = Kind::Nothing;
    Path path;                               // Name; of Text the one text
    std::size_t record = std::string::npos;  // the entry of `reads` that this register made
};

[[noreturn]] void refuse_env(int line) {
    throw Error(ErrorCode::Lua, "line " + std::to_string(line) + ": `_ENV` may not be used",
                "name globals directly");
}

class Follower final {
  public:
    Follower(const Function& function, std::vector<Known> upvalues, Facts& facts)
        : function_(function),
          upvalues_(std::move(upvalues)),
          facts_(facts),
          registers_(256),
          pinned_(256) {
        for (const Function::Local& local : function.locals) {
            if (local.name == "_ENV") refuse_env(function.first_line);
        }
        find_targets();
    }

    void follow() {
        for (std::size_t at = 0; at < function_.code.size(); ++at) {
            at_ = at;
            // In this order: a local that begins where paths meet holds one of several things.
            if (targets_.contains(at)) forget_temporaries();
            begin_locals();
            step(function_.code[at]);
        }
    }

  private:
    [[nodiscard]] int line() const {
        return at_ < function_.lines.size() ? function_.lines[at_] : function_.first_line;
    }
    [[nodiscard]] std::optional<std::string> constant(int index) const {
        const auto place = static_cast<std::size_t>(index);
        return place < function_.constants.size() ? function_.constants[place] : std::nullopt;
    }
    Known& reg(int index) { return registers_[static_cast<std::size_t>(index) & 0xFF]; }

    void find_targets() {
        for (std::size_t at = 0; at < function_.code.size(); ++at) {
            const Instruction i = function_.code[at];
            const auto op = static_cast<int>(i.op());
            const auto go = [&](std::size_t next, int offset) {
                targets_.insert(static_cast<std::size_t>(static_cast<long>(next) + offset));
            };
            if (i.op() == Op::Jmp) go(at + 1, i.jump());
            if (i.op() == Op::ForLoop || i.op() == Op::TForLoop) go(at + 1, -i.bx());
            if (i.op() == Op::ForPrep) go(at + 2, i.bx());
            if (i.op() == Op::TForPrep) go(at + 1, i.bx());
            const bool test = op >= static_cast<int>(Op::Eq) && op <= static_cast<int>(Op::TestSet);
            if (test || i.op() == Op::LFalseSkip) go(at + 2, 0);
        }
    }

    // The locals that begin here take the registers after those of the locals that live already.
    // They stay pinned, that is known across jumps, until they end or are written again.
    void begin_locals() {
        const int here = static_cast<int>(at_);
        std::size_t place = 0;
        for (const Function::Local& local : function_.locals) {
            if (local.begin > here || local.end <= here) continue;
            if (local.begin == here && place < 256) pinned_[place] = true;
            ++place;
        }
        for (; place < 256 && pinned_[place]; ++place) pinned_[place] = false;
    }

    void forget_temporaries() {
        for (std::size_t i = 0; i < registers_.size(); ++i) {
            if (!pinned_[i]) registers_[i] = {};
        }
    }

    void forget(int index) { reg(index) = {}; }
    void forget_from(int index) {
        for (int i = index; i < 256; ++i) forget(i);
    }

    void read_global(int target, const std::string& name) {
        facts_.reads.push_back({{name}, line()});
        reg(target) = {Known::Kind::Name, {name}, facts_.reads.size() - 1};
    }

    // target = base.field
    void read_field(int target, Known base, const std::string& field, bool same_register) {
        if (base.kind == Known::Kind::Globals) {
            read_global(target, field);
            return;
        }
        if (base.kind != Known::Kind::Name) {
            forget(target);
            return;
        }
        base.path.push_back(field);
        // A chain of fields in one register is one name; a local with a name of its own is another.
        if (same_register && base.record != std::string::npos) {
            facts_.reads[base.record].path = base.path;
        } else {
            facts_.reads.push_back({base.path, line()});
            base.record = facts_.reads.size() - 1;
        }
        reg(target) = std::move(base);
    }

    void read_unknown_field(int target, const Known& base) {
        if (base.kind == Known::Kind::Globals) refuse_env(line());
        forget(target);
    }

    void text_used(const std::optional<std::string>& text) {
        if (text) facts_.strings.emplace_back(*text, line());
    }

    void call_method(const Instruction& i) {
        Known key = i.k() ? Known{} : reg(i.c());
        const auto name = i.k()                           ? constant(i.c())
                          : key.kind == Known::Kind::Text ? std::optional(key.path[0])
                                                          : std::nullopt;
        const Known& base = reg(i.b());
        Path path = base.kind == Known::Kind::Name ? base.path : Path{"?"};
        path.push_back(name.value_or("?"));
        facts_.calls.push_back({std::move(path), line()});
        forget(i.a());
        forget(i.a() + 1);
    }

    void make_closure(const Instruction& i) {
        const Function& inner = function_.functions[static_cast<std::size_t>(i.bx())];
        std::vector<Known> upvalues;
        for (const Function::Upvalue& upvalue : inner.upvalues) {
            const auto index = static_cast<std::size_t>(upvalue.index);
            Known known = upvalue.in_stack ? registers_[index] : upvalues_[index];
            known.record = std::string::npos;
            upvalues.push_back(std::move(known));
        }
        Follower(inner, std::move(upvalues), facts_).follow();
        forget(i.a());
    }

    void step(const Instruction& i) {
        switch (i.op()) {
            case Op::Move: {
                if (reg(i.b()).kind == Known::Kind::Globals) refuse_env(line());
                Known copy = reg(i.b());
                copy.record = std::string::npos;
                reg(i.a()) = std::move(copy);
                return;
            }
            case Op::LoadK: load_text(i.a(), constant(i.bx())); return;
            case Op::LoadKX: load_text(i.a(), constant(function_.code[at_ + 1].ax())); return;
            case Op::GetUpval: {
                reg(i.a()) = upvalues_[static_cast<std::size_t>(i.b())];
                return;
            }
            case Op::SetUpval:
                if (upvalues_[static_cast<std::size_t>(i.b())].kind == Known::Kind::Globals)
                    refuse_env(line());
                upvalues_[static_cast<std::size_t>(i.b())] = {};
                return;
            case Op::GetTabUp:
                read_field(i.a(), upvalues_[static_cast<std::size_t>(i.b())],
                           constant(i.c()).value_or("?"), false);
                return;
            case Op::GetField:
                read_field(i.a(), reg(i.b()), constant(i.c()).value_or("?"), i.a() == i.b());
                return;
            case Op::GetTable: get_table(i); return;
            case Op::SetTabUp:
                if (upvalues_[static_cast<std::size_t>(i.a())].kind == Known::Kind::Globals) {
                    facts_.writes.push_back({{constant(i.b()).value_or("?")}, line()});
                }
                if (i.k()) text_used(constant(i.c()));
                return;
            case Op::SetField: set_field(i, constant(i.b())); return;
            case Op::SetTable:
                set_field(i, reg(i.b()).kind == Known::Kind::Text
                                 ? std::optional(reg(i.b()).path[0])
                                 : std::nullopt);
                return;
            case Op::Self: call_method(i); return;
            case Op::Closure: make_closure(i); return;
            default: step_over(i); return;
        }
    }

    void load_text(int target, const std::optional<std::string>& text) {
        text_used(text);
        reg(target) = text ? Known{Known::Kind::Text, {*text}} : Known{};
    }

    void get_table(const Instruction& i) {
        const Known key = reg(i.c());
        const Known base = reg(i.b());
        if (key.kind == Known::Kind::Text) {
            read_field(i.a(), base, key.path[0], i.a() == i.b());
        } else {
            read_unknown_field(i.a(), base);
        }
    }

    void set_field(const Instruction& i, const std::optional<std::string>& key) {
        if (reg(i.a()).kind == Known::Kind::Globals) {
            if (!key) refuse_env(line());
            facts_.writes.push_back({{*key}, line()});
        }
        if (i.k()) text_used(constant(i.c()));
    }

    // All instructions that make no name: only what they overwrite matters.
    void step_over(const Instruction& i) {
        switch (i.op()) {
            case Op::SetI:
                if (i.k()) text_used(constant(i.c()));
                return;
            case Op::Call:
            case Op::TailCall:
            case Op::VarArg: forget_from(i.a()); return;
            case Op::TForCall: forget_from(i.a() + 4); return;
            case Op::ForLoop:
            case Op::ForPrep:
            case Op::TForPrep:
            case Op::TForLoop: forget_from(i.a()); return;
            case Op::LoadNil:
                for (int r = i.a(); r <= i.a() + i.b(); ++r) forget(r);
                return;
            case Op::MmBin:
            case Op::MmBinI:
            case Op::MmBinK:
            case Op::Close:
            case Op::Tbc:
            case Op::Jmp:
            case Op::SetList:
            case Op::VarArgPrep:
            case Op::ExtraArg: return;
            default: break;
        }
        const auto op = static_cast<int>(i.op());
        const bool test = op >= static_cast<int>(Op::Eq) && op <= static_cast<int>(Op::Test);
        const bool end = op >= static_cast<int>(Op::Return) && op <= static_cast<int>(Op::Return1);
        if (!test && !end) forget(i.a());
    }

    const Function& function_;
    std::vector<Known> upvalues_;
    Facts& facts_;
    std::vector<Known> registers_;
    std::vector<bool> pinned_;
    std::set<std::size_t> targets_;
    std::size_t at_ = 0;
};

}  // namespace

runbook::ScriptFacts facts_of(const Function& main) {
    Facts facts;
    std::vector<Known> upvalues(main.upvalues.size());
    if (!upvalues.empty()) upvalues[0].kind = Known::Kind::Globals;  // a chunk has one: _ENV
    Follower(main, std::move(upvalues), facts).follow();
    return facts;
}

}  // namespace drydock::bindings
