using System.Globalization;
using System.Numerics;
using System.Text;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Pickle;

/// <summary>
/// The stack machine that a pickle is a program for, without the instructions that do anything. Once an instruction
/// fails, the fault stays and nothing more is read.
/// </summary>
internal sealed class PickleMachine(PickleBytes bytes, PickleOptions options, Budget budget)
{
    // Python reads decimal integers up to this length too: longer ones take quadratic time.
    private const int MaxDigits = 4300;

    // Decoding a character takes at most so many bytes, intermediate strings included.
    private const int PerCharacter = 8;

    // A number with the number's own bytes aside.
    private const int NumberSize = 56;

    // Two short strings, a name and a value.
    private const int NameSize = 160;

    // An entry of the memo that is out of order.
    private const int SparseSize = 80;

    private static readonly PickleValue[] smallInts =
    [
        .. Enumerable.Range(0, 1024).Select(i => new PickleValue.Int(i)),
    ];
    private static readonly PickleValue truth = new PickleValue.Bool(true);
    private static readonly PickleValue falsehood = new PickleValue.Bool(false);
    private static readonly PickleValue nothing = PickleValue.None.Value;
    private static readonly PickleValue noText = new PickleValue.Text("");

    private readonly Freezing freezing = new(options, budget);
    private readonly List<int> marks = [];
    private readonly Dictionary<uint, object> sparseMemo = [];
    private readonly PickleValue[] few = new PickleValue[3];
    private Slots stack;
    private Slots memo;
    private int start;
    private byte opcode;
    private bool stopped;
    private PickleFault? fault;

    /// <summary>Runs the program to its end: the value left, and the offset of what follows.</summary>
    public Either<PickleFault, (PickleValue Value, int End)> Run()
    {
        while (fault is null && !stopped)
        {
            start = bytes.Position;
            opcode = 0;
            opcode = bytes.U8();
            if (bytes.Wrong is null)
                Step();
            else
                opcode = 0;
            Check();
        }
        if (fault is null && stack.Count != 1)
            Fail($"leaves {stack.Count} values where it should leave one");
        if (fault is not null)
            return Left(fault);
        var value = freezing.Freeze(stack[0]);
        Check();
        return fault is null ? (value, bytes.Position) : Left(fault);
    }

    // The bytes, the values and the budget notice on their own that something is wrong.
    private void Check()
    {
        if (bytes.Wrong is { } wrong)
            fault ??= Placed(new(wrong, bytes.IsCut ? "copy the file again" : "", IsCut: bytes.IsCut));
        if (freezing.Fault is { } frozen)
            fault ??= frozen.Opcode.Length == 0 ? Placed(frozen) : frozen;
        if (budget.IsSpent)
            fault ??= Placed(
                new($"needs more than {budget.Limit} bytes of memory", "the file is damaged or made to exhaust memory")
            );
    }

    private void Step()
    {
        switch ((char)opcode)
        {
            case '\x80':
                Protocol();
                break;
            case '.':
                stopped = true;
                break;
            case '\x95':
                Frame();
                break;

            case 'N':
                Push(nothing);
                break;
            case '\x88':
                Push(truth);
                break;
            case '\x89':
                Push(falsehood);
                break;
            case 'I':
                IntLine();
                break;
            case 'L':
                LongLine();
                break;
            case 'J':
                Push(Int(bytes.I32()));
                break;
            case 'K':
                Push(Int(bytes.U8()));
                break;
            case 'M':
                Push(Int(bytes.U16()));
                break;
            case '\x8a':
                Long(bytes.U8());
                break;
            case '\x8b':
                Long(bytes.I32());
                break;
            case 'F':
                FloatLine();
                break;
            case 'G':
                Push(Float(bytes.F64()));
                break;

            case 'S':
                StringLine();
                break;
            case 'T':
                PushString(bytes.Take(bytes.I32()).Span);
                break;
            case 'U':
                PushString(bytes.Take(bytes.U8()).Span);
                break;
            case 'V':
                PushUnicode(bytes.Line().Span);
                break;
            case 'X':
                PushUtf8(bytes.Take(bytes.U32()).Span);
                break;
            case '\x8c':
                PushUtf8(bytes.Take(bytes.U8()).Span);
                break;
            case '\x8d':
                PushUtf8(bytes.Take(bytes.I64()).Span);
                break;
            case 'B':
                PushBytes(bytes.Take(bytes.U32()).Span);
                break;
            case 'C':
                PushBytes(bytes.Take(bytes.U8()).Span);
                break;
            case '\x8e' or '\x96':
                PushBytes(bytes.Take(bytes.I64()).Span);
                break;

            case '(':
                Mark();
                break;
            case '0':
                Discard();
                break;
            case '1':
                PopToMark();
                break;
            case '2':
                Push(Peek());
                break;
            case ']':
                PushContainer(Shape.List, []);
                break;
            case 'l':
                PushContainer(Shape.List, PopToMark());
                break;
            case 'a':
                Add(Shape.List, [Pop()]);
                break;
            case 'e':
                Add(Shape.List, PopToMark());
                break;
            case ')':
                Push(PickleValue.Tuple.Empty);
                break;
            case 't':
                PushContainer(Shape.Tuple, PopToMark());
                break;
            case '\x85':
                Tuple(1);
                break;
            case '\x86':
                Tuple(2);
                break;
            case '\x87':
                Tuple(3);
                break;
            case '}':
                PushContainer(Shape.Dict, []);
                break;
            case 'd':
                PushContainer(Shape.Dict, Pairs(PopToMark()));
                break;
            case 's':
                SetItem();
                break;
            case 'u':
                Add(Shape.Dict, Pairs(PopToMark()));
                break;
            case '\x8f':
                PushContainer(Shape.Set, []);
                break;
            case '\x90':
                Add(Shape.Set, PopToMark());
                break;
            case '\x91':
                PushContainer(Shape.Set, PopToMark());
                break;

            case 'g':
                Get(Index());
                break;
            case 'h':
                Get(bytes.U8());
                break;
            case 'j':
                Get(bytes.U32());
                break;
            case 'p':
                Put(Index());
                break;
            case 'q':
                Put(bytes.U8());
                break;
            case 'r':
                Put(bytes.U32());
                break;
            case '\x94':
                Put((uint)(memo.Count + sparseMemo.Count));
                break;

            case 'c':
                Import(bytes.Text(), bytes.Text());
                break;
            case '\x93':
                StackGlobal();
                break;
            case 'R' or '\x81':
                PushCall(arguments: Pop(), callable: Pop());
                break;
            case '\x92':
                NewObjectEx();
                break;
            case 'i':
                Instance();
                break;
            case 'o':
                Object();
                break;
            case 'b':
                Build();
                break;
            case 'P':
                PushOutside(Text(bytes.Text()));
                break;
            case 'Q':
                PushOutside(Pop());
                break;
            case '\x82':
                Extension(bytes.U8());
                break;
            case '\x83':
                Extension(bytes.U16());
                break;
            case '\x84':
                Extension(bytes.I32());
                break;
            case '\x97' or '\x98':
                Fail("needs a buffer outside the pickle");
                break;
            default:
                Fail($"0x{opcode:x2} is not an instruction of pickles");
                break;
        }
    }

    private void Protocol()
    {
        if (bytes.U8() is > 5 and var version)
            Fail($"protocol {version} is newer than 5");
    }

    private void Frame()
    {
        var length = bytes.I64();
        if (length < 0)
            Fail($"a frame of {length} bytes");
        else if (length > bytes.Left)
            fault ??= Placed(
                new($"a frame of {length} bytes, {bytes.Left} are left", "copy the file again", IsCut: true)
            );
    }

    // ---- numbers

    private PickleValue Int(long value)
    {
        if (value is >= 0 and < 1024)
            return smallInts[value];
        budget.Pay(NumberSize);
        return new PickleValue.Int(value);
    }

    private PickleValue.Float Float(double value)
    {
        budget.Pay(Budget.Small);
        return new PickleValue.Float(value);
    }

    private void IntLine()
    {
        var line = bytes.Line().Span;
        if (line.SequenceEqual("01"u8) || line.SequenceEqual("00"u8))
            Push(line[1] == '1' ? truth : falsehood);
        else
            Decimal(line);
    }

    private void LongLine()
    {
        var line = bytes.Line().Span;
        Decimal(line.EndsWith("L"u8) ? line[..^1] : line);
    }

    private void Decimal(ReadOnlySpan<byte> digits)
    {
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var small))
            Push(Int(small));
        else if (digits.Length > MaxDigits)
            Fail($"an integer of more than {MaxDigits} digits");
        else if (
            budget.Pay(NumberSize + PerCharacter * digits.Length)
            && BigInteger.TryParse(
                Encoding.Latin1.GetString(digits),
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var big
            )
        )
            Push(new PickleValue.Int(big));
        else
            Fail("not an integer");
    }

    private void Long(int length)
    {
        var little = bytes.Take(length).Span;
        if (little.Length <= 8)
        {
            Push(Int((long)new BigInteger(little)));
            return;
        }
        if (budget.Pay(NumberSize + little.Length))
            Push(new PickleValue.Int(new BigInteger(little)));
    }

    private void FloatLine()
    {
        var line = bytes.Line().Span;
        if (!budget.Pay(Budget.Small + 2 * line.Length))
            return;
        var text = Encoding.Latin1.GetString(line);
        const NumberStyles plain =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        double? number = text switch
        {
            "nan" or "-nan" => double.NaN,
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            _ => double.TryParse(text, plain, CultureInfo.InvariantCulture, out var parsed) ? parsed : null,
        };
        if (number is { } value)
            Push(Float(value));
        else
            Fail("not a number");
    }

    // ---- text and bytes

    private static PickleValue Text(string text) => text.Length == 0 ? noText : new PickleValue.Text(text);

    private bool PayText(int length) =>
        fault is null && bytes.Wrong is null && budget.Pay(length == 0 ? 0 : 2 * Budget.Small + PerCharacter * length);

    private void StringLine()
    {
        var line = bytes.Line().Span;
        if (!PayText(line.Length))
            return;
        if (Escapes.Quoted(line) is { } quoted)
            PushString(quoted);
        else
            Fail("not a quoted string");
    }

    private void PushString(ReadOnlySpan<byte> content)
    {
        if (!PayText(content.Length))
            return;
        if (Escapes.Utf8(content, surrogates: false) is { } text)
            Push(Text(text));
        else
            PushBytes(content);
    }

    private void PushUtf8(ReadOnlySpan<byte> content)
    {
        if (PayText(content.Length))
            PushText(Escapes.Utf8(content));
    }

    private void PushUnicode(ReadOnlySpan<byte> line)
    {
        if (PayText(line.Length))
            PushText(Escapes.RawUnicode(line));
    }

    private void PushText(string? text)
    {
        if (text is null)
            Fail("not text");
        else
            Push(Text(text));
    }

    private void PushBytes(ReadOnlySpan<byte> content)
    {
        if (budget.Pay(3 * Budget.Small + content.Length))
            Push(new PickleValue.Bytes(content.ToArray()));
    }

    // ---- containers

    private void PushContainer(Shape shape, object[] items)
    {
        if (fault is not null)
            return;
        if (items.Length == 0 && shape == Shape.Tuple)
            Push(PickleValue.Tuple.Empty);
        else if (budget.Pay(Container.Size))
            Push(new Container(shape, new Slots(items)));
    }

    // Most tuples are of plain values, which need no cell.
    private void Tuple(int count)
    {
        if (!Has(count))
            return;
        var items = stack.All[^count..];
        var isPlain = true;
        for (var i = 0; i < count; i++)
            isPlain &= items[i] is PickleValue and not PickleValue.Tuple { Items.IsEmpty: false };
        if (!budget.Pay(Budget.Small + Budget.Array(count) + (isPlain ? 0 : Container.Size)))
            return;
        object tuple;
        if (isPlain)
        {
            for (var i = 0; i < count; i++)
                few[i] = (PickleValue)items[i];
            tuple = new PickleValue.Tuple(Many.Create(few.AsSpan(0, count)));
        }
        else
            tuple = new Container(Shape.Tuple, new Slots(items.ToArray()));
        stack.Cut(stack.Count - count);
        Push(tuple);
    }

    private void SetItem()
    {
        var value = Pop();
        var key = Pop();
        Add(Shape.Dict, [key, value]);
    }

    private object[] Pairs(object[] items)
    {
        if (items.Length % 2 != 0)
            Fail("a key without a value");
        return items;
    }

    private void Add(Shape shape, ReadOnlySpan<object> items)
    {
        var target = Peek();
        if (fault is not null)
            return;
        if (target is Container container && container.Shape == shape)
            container.Add(items, budget);
        else if (target is Call call)
            call.Add(shape, items, budget);
        else
            Fail($"adds to a {shape} where there is none");
    }

    // ---- the memo

    private uint Index()
    {
        var line = bytes.Line().Span;
        if (uint.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return index;
        if (bytes.Wrong is null)
            Fail("not an index");
        return 0;
    }

    private void Put(uint index)
    {
        var top = Peek();
        if (fault is not null || bytes.Wrong is not null)
            return;
        if (index < memo.Count)
            memo[(int)index] = top;
        else if (index == memo.Count)
            memo.Add(top, budget);
        else if (budget.Pay(SparseSize))
            sparseMemo[index] = top;
    }

    private void Get(uint index)
    {
        if (fault is not null || bytes.Wrong is not null)
            return;
        // What was put out of order stays where it is, so an index is on one side only.
        if (index < memo.Count)
            Push(memo[(int)index]);
        else if (sparseMemo.TryGetValue(index, out var value))
            Push(value);
        else
            Fail($"there is nothing in the memo at {index}");
    }

    // ---- what would run: answered, kept or refused

    private void Import(string module, string name)
    {
        if (fault is not null || bytes.Wrong is not null || !budget.Pay(NameSize + 2 * (module.Length + name.Length)))
            return;
        var imported = new PickleName(module, name);
        if (options.KeepsObjects || options.Names.ContainsKey(imported))
            Push(new PickleValue.Global(imported));
        else
            Refuse("imports what is not data", $"{imported}");
    }

    private void StackGlobal()
    {
        if ((Pop(), Pop()) is (PickleValue.Text name, PickleValue.Text module))
            Import(module.Value, name.Value);
        else
            Fail("imports what is not named by text");
    }

    private void PushCall(object arguments, object callable)
    {
        if (fault is not null)
            return;
        if (!options.KeepsObjects && callable is not PickleValue.Global)
            Fail("calls what is not a name");
        else if (budget.Pay(Call.Size))
            Push(new Call(callable, arguments, opcode, start));
    }

    private void NewObjectEx()
    {
        var named = Pop();
        var arguments = Pop();
        var callable = Pop();
        // Kept beside the others, as the last of the arguments.
        if (named is Container { Shape: Shape.Dict, Items.IsEmpty: true })
            PushCall(arguments, callable);
        else if (options.KeepsObjects && budget.Pay(Container.Size + Budget.Array(2)))
            PushCall(new Container(Shape.Tuple, new Slots([arguments, named])), callable);
        else
            Fail("calls with named arguments");
    }

    private void Instance()
    {
        Import(bytes.Text(), bytes.Text());
        var callable = Pop();
        var arguments = PopToMark();
        PushCall(Arguments(arguments), callable);
    }

    private void Object()
    {
        var parts = PopToMark();
        if (parts.Length == 0)
            Fail("makes an object of nothing");
        else
            PushCall(Arguments(parts[1..]), parts[0]);
    }

    private object Arguments(object[] items)
    {
        if (items.Length == 0)
            return PickleValue.Tuple.Empty;
        budget.Pay(Container.Size + Budget.Array(items.Length));
        return new Container(Shape.Tuple, new Slots(items));
    }

    private void Build()
    {
        var state = Pop();
        var target = Peek();
        if (fault is not null)
            return;
        if (target is not Call call)
            Fail("sets the state of plain data");
        else if (!options.KeepsObjects && !IsKept(call))
            Fail("sets the state of an object");
        else if (call.State is not null)
            Fail("sets the state of an object twice");
        else
            call.State = state;
    }

    private bool IsKept(Call call) =>
        call.Callable is PickleValue.Global global
        && options.Names.Find(global.Name).Exists(builtin => ReferenceEquals(builtin, Builtins.Keep));

    private void PushOutside(object id)
    {
        if (fault is not null)
            return;
        if (!options.KeepsObjects)
            Refuse("refers to an object outside the pickle", Shown(id));
        else if (budget.Pay(Outside.Size))
            Push(new Outside(id));
    }

    private static string Shown(object id) =>
        id switch
        {
            PickleValue.Text text => text.Value,
            PickleValue.Tuple tuple => string.Join(
                ", ",
                tuple.Items.Map(i => i is PickleValue.Text t ? t.Value : "...")
            ),
            _ => "",
        };

    private void Extension(int code)
    {
        if (bytes.Wrong is null)
            Refuse("needs a name from Python's extension registry", $"extension {code}");
    }

    // ---- the stack

    private void Push(object value)
    {
        if (fault is null && bytes.Wrong is null)
            stack.Add(value, budget);
    }

    private int Bottom => marks.Count > 0 ? marks[^1] : 0;

    private bool Has(int count)
    {
        if (fault is null && stack.Count - Bottom < count)
            Fail("takes a value where there is none");
        return fault is null;
    }

    private object Peek() => Has(1) ? stack[stack.Count - 1] : nothing;

    private object Pop()
    {
        var top = Peek();
        if (fault is null)
            stack.Cut(stack.Count - 1);
        return top;
    }

    private void Mark()
    {
        budget.Pay(2 * Budget.Slot);
        marks.Add(stack.Count);
    }

    private void Discard()
    {
        if (marks.Count > 0 && marks[^1] == stack.Count)
            marks.RemoveAt(marks.Count - 1);
        else
            Pop();
    }

    private object[] PopToMark()
    {
        if (fault is not null)
            return [];
        if (marks.Count == 0)
        {
            Fail("takes values back to a mark where there is none");
            return [];
        }
        var mark = marks[^1];
        marks.RemoveAt(marks.Count - 1);
        if (mark == stack.Count || !budget.Pay(Budget.Array(stack.Count - mark)))
            return [];
        var items = stack.All[mark..].ToArray();
        stack.Cut(mark);
        return items;
    }

    // ---- faults: the first one stays

    private void Fail(string what) => fault ??= Placed(new(what));

    private void Refuse(string what, string subject) =>
        fault ??= Placed(new(what, "only data is read", Subject: subject));

    private PickleFault Placed(PickleFault wrong) => wrong with { Opcode = Opcodes.Name(opcode), Offset = start };
}
