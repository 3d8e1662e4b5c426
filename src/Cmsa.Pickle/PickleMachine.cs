using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Pickle;

/// <summary>
/// The stack machine that a pickle is a program for, without the instructions that do anything. Once an instruction
/// fails, the error stays and every later step is idle.
/// </summary>
internal sealed class PickleMachine(ReadOnlyMemory<byte> data, PickleOptions options)
{
    // Python reads decimal integers up to this length too: longer ones take quadratic time.
    private const int MaxDigits = 4300;

    private static readonly PickleValue[] SmallInts =
    [
        .. Enumerable.Range(0, 1024).Select(i => new PickleValue.Int(i)),
    ];
    private static readonly PickleValue True = new PickleValue.Bool(true);
    private static readonly PickleValue False = new PickleValue.Bool(false);
    private static readonly object Nothing = PickleValue.None.Value;

    private readonly List<object> stack = [];
    private readonly List<int> marks = [];
    private readonly List<object?> memo = [];
    private readonly Dictionary<uint, object> sparseMemo = [];
    private int position;
    private int start;
    private byte opcode;
    private bool stopped;
    private PickleError? error;

    /// <summary>Runs it to its end: the value left, and the bytes read.</summary>
    public Either<PickleError, (PickleValue Value, int Length)> Run()
    {
        while (error is null && !stopped)
        {
            start = position;
            opcode = 0;
            if (position == data.Length)
                Fail("ends before it is complete");
            else
                Step(opcode = data.Span[position++]);
        }
        if (error is null && stack.Count != 1)
            Fail($"leaves {stack.Count} values where it should leave one");
        return error is null
            ? Growing.Freeze(stack[0], options.MaxDepth).MapLeft(Placed).Map(frozen => (frozen.Value, position))
            : Left(error);
    }

    private void Step(byte code)
    {
        switch ((char)code)
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
                Push(PickleValue.None.Value);
                break;
            case '\x88':
                Push(True);
                break;
            case '\x89':
                Push(False);
                break;
            case 'I':
                IntLine();
                break;
            case 'L':
                LongLine();
                break;
            case 'J':
                Push(Int(ReadInt32()));
                break;
            case 'K':
                Push(Int(ReadByte()));
                break;
            case 'M':
                Push(Int(ReadUInt16()));
                break;
            case '\x8a':
                Long(ReadByte());
                break;
            case '\x8b':
                Long(ReadInt32());
                break;
            case 'F':
                FloatLine();
                break;
            case 'G':
                Float();
                break;

            case 'S':
                StringLine();
                break;
            case 'T':
                PushString(Take(ReadInt32()));
                break;
            case 'U':
                PushString(Take(ReadByte()));
                break;
            case 'V':
                PushText(Escapes.RawUnicode(Line().Span));
                break;
            case 'X':
                PushText(Escapes.Utf8(Take(ReadUInt32()).Span));
                break;
            case '\x8c':
                PushText(Escapes.Utf8(Take(ReadByte()).Span));
                break;
            case '\x8d':
                PushText(Escapes.Utf8(Take(ReadInt64()).Span));
                break;
            case 'B':
                PushBytes(Take(ReadUInt32()));
                break;
            case 'C':
                PushBytes(Take(ReadByte()));
                break;
            case '\x8e' or '\x96':
                PushBytes(Take(ReadInt64()));
                break;

            case '(':
                marks.Add(stack.Count);
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
                Push(new Growing(Growing.Shape.List, []));
                break;
            case 'l':
                Push(new Growing(Growing.Shape.List, PopToMark()));
                break;
            case 'a':
                Add(Growing.Shape.List, [Pop()]);
                break;
            case 'e':
                Add(Growing.Shape.List, PopToMark());
                break;
            case ')':
                Push(new Growing(Growing.Shape.Tuple, []));
                break;
            case 't':
                Push(new Growing(Growing.Shape.Tuple, PopToMark()));
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
                Push(new Growing(Growing.Shape.Dict, []));
                break;
            case 'd':
                Push(new Growing(Growing.Shape.Dict, Pairs(PopToMark())));
                break;
            case 's':
                SetItem();
                break;
            case 'u':
                Add(Growing.Shape.Dict, Pairs(PopToMark()));
                break;
            case '\x8f':
                Push(new Growing(Growing.Shape.Set, []));
                break;
            case '\x90':
                Add(Growing.Shape.Set, PopToMark());
                break;
            case '\x91':
                Push(new Growing(Growing.Shape.Set, PopToMark()));
                break;

            case 'g':
                Get(Index());
                break;
            case 'h':
                Get(ReadByte());
                break;
            case 'j':
                Get(ReadUInt32());
                break;
            case 'p':
                Put(Index());
                break;
            case 'q':
                Put(ReadByte());
                break;
            case 'r':
                Put(ReadUInt32());
                break;
            case '\x94':
                Put((uint)(memo.Count + sparseMemo.Count));
                break;

            case 'c':
                Import(new(AsciiLine(), AsciiLine()));
                break;
            case '\x93':
                StackGlobal();
                break;
            case 'R':
                Call(arguments: Pop(), callable: Pop());
                break;
            case '\x81':
                Call(arguments: Pop(), callable: Pop());
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
                Persistent(new PickleValue.Text(AsciiLine()));
                break;
            case 'Q':
                Persistent(Pop());
                break;
            case '\x82':
                Refuse("asks for a name from Python's extension registry", $"extension {ReadByte()}");
                break;
            case '\x83':
                Refuse("asks for a name from Python's extension registry", $"extension {ReadUInt16()}");
                break;
            case '\x84':
                Refuse("asks for a name from Python's extension registry", $"extension {ReadInt32()}");
                break;
            case '\x97' or '\x98':
                Fail("asks for a buffer outside the pickle");
                break;
            default:
                Fail($"0x{code:x2} is no instruction of a pickle");
                break;
        }
    }

    private void Protocol()
    {
        if (ReadByte() is > 5 and var version)
            Fail($"protocol {version} is newer than 5");
    }

    private void Frame()
    {
        if (ReadInt64() is var length && (length < 0 || length > data.Length - position))
            Fail($"a frame of {length} bytes where {data.Length - position} are left");
    }

    // ---- numbers

    private static PickleValue Int(long value) =>
        value is >= 0 and < 1024 ? SmallInts[value] : new PickleValue.Int(value);

    private void IntLine()
    {
        var line = Line().Span;
        if (line.SequenceEqual("01"u8) || line.SequenceEqual("00"u8))
            Push(line[1] == '1' ? True : False);
        else
            Decimal(line);
    }

    private void LongLine()
    {
        var line = Line().Span;
        Decimal(line.EndsWith("L"u8) ? line[..^1] : line);
    }

    private void Decimal(ReadOnlySpan<byte> digits)
    {
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var small))
            Push(Int(small));
        else if (
            digits.Length <= MaxDigits
            && BigInteger.TryParse(
                Encoding.Latin1.GetString(digits),
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var big
            )
        )
            Push(new PickleValue.Int(big));
        else
            Fail(digits.Length > MaxDigits ? $"an integer of more than {MaxDigits} digits" : "not an integer");
    }

    private void Long(int length) => Push(new PickleValue.Int(new BigInteger(Take(length).Span, isUnsigned: false)));

    private void FloatLine()
    {
        var line = Encoding.Latin1.GetString(Line().Span);
        double? number = line switch
        {
            "nan" or "-nan" => double.NaN,
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            _ => double.TryParse(
                line,
                NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture,
                out var parsed
            )
                ? parsed
                : null,
        };
        if (number is { } value)
            Push(new PickleValue.Float(value));
        else
            Fail("not a number");
    }

    private void Float()
    {
        var bytes = Take(8).Span;
        if (error is null)
            Push(new PickleValue.Float(BinaryPrimitives.ReadDoubleBigEndian(bytes)));
    }

    // ---- text and bytes

    private void StringLine()
    {
        if (Escapes.Quoted(Line().Span) is { } bytes)
            PushString(bytes);
        else
            Fail("not a quoted string");
    }

    private void PushString(ReadOnlyMemory<byte> bytes) =>
        Push(
            Escapes.Utf8(bytes.Span, surrogates: false) is { } text
                ? new PickleValue.Text(text)
                : new PickleValue.Bytes(bytes.ToArray())
        );

    private void PushText(string? text)
    {
        if (text is null)
            Fail("not text");
        else
            Push(new PickleValue.Text(text));
    }

    private void PushBytes(ReadOnlyMemory<byte> bytes) => Push(new PickleValue.Bytes(bytes.ToArray()));

    // ---- containers

    private void Tuple(int count)
    {
        var items = new List<object>(count);
        for (var i = 0; i < count; i++)
            items.Add(Pop());
        items.Reverse();
        Push(new Growing(Growing.Shape.Tuple, items));
    }

    private void SetItem()
    {
        var value = Pop();
        var key = Pop();
        Add(Growing.Shape.Dict, [key, value]);
    }

    private List<object> Pairs(List<object> items)
    {
        if (items.Count % 2 != 0)
            Fail("a key without a value");
        return items;
    }

    private void Add(Growing.Shape shape, List<object> items)
    {
        var target = Peek();
        if (error is not null)
            return;
        if (target is not Growing growing)
            Fail($"adds to a {shape} where none stands");
        else if (growing.Add(shape, CollectionsMarshal.AsSpan(items)) is { } wrong)
            Fail(wrong);
    }

    // ---- memory

    private uint Index()
    {
        var line = Line().Span;
        if (uint.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return index;
        Fail("not an index");
        return 0;
    }

    private void Put(uint index)
    {
        var top = Peek();
        if (error is not null)
            return;
        if (index < memo.Count)
            memo[(int)index] = top;
        else if (index == memo.Count)
            memo.Add(top);
        else
            sparseMemo[index] = top;
    }

    private void Get(uint index)
    {
        if (error is not null)
            return;
        // What was put out of order stays where it is, so an index can be found on one side only.
        if ((index < memo.Count ? memo[(int)index] : sparseMemo.GetValueOrDefault(index)) is { } value)
            Push(value);
        else
            Fail($"nothing was remembered as {index}");
    }

    // ---- what would run: answered by the options, or refused

    private void Import(PickleName name)
    {
        if (error is not null)
            return;
        if (options.Constructors.ContainsKey(name))
            Push(new PickleValue.Global(name));
        else
            Refuse("imports what is not data", name.ToString());
    }

    private void StackGlobal()
    {
        if ((Pop(), Pop()) is (PickleValue.Text name, PickleValue.Text module))
            Import(new(module.Value, name.Value));
        else
            Fail("imports what is not named by text");
    }

    private void Call(object arguments, object callable)
    {
        if (error is not null)
            return;
        if (callable is not PickleValue.Global global)
            Fail("calls what is not a name");
        else
            Apply(options.Constructors[global.Name], global.Name.ToString(), arguments);
    }

    private void Apply(PickleConstructor constructor, string subject, object arguments) =>
        Growing
            .Freeze(arguments, options.MaxDepth)
            .Bind(frozen =>
                frozen.Value is PickleValue.Tuple tuple
                    ? constructor(tuple.Items).Map(made => (Made: made, frozen.Height))
                    : Left(new PickleError("the arguments of a call are no tuple"))
            )
            .Match(
                made => Push(Growing.Of(made.Made, made.Height)),
                wrong => error ??= Placed(wrong) with { Subject = subject }
            );

    private void NewObjectEx()
    {
        var named = Pop();
        var arguments = Pop();
        var callable = Pop();
        if (Growing.Freeze(named, options.MaxDepth).Exists(n => n.Value is PickleValue.Dict { Entries.IsEmpty: true }))
            Call(arguments, callable);
        else
            Fail("calls with named arguments");
    }

    private void Instance()
    {
        var name = new PickleName(AsciiLine(), AsciiLine());
        var arguments = PopToMark();
        Import(name);
        if (error is null)
            Call(new Growing(Growing.Shape.Tuple, arguments), Pop());
    }

    private void Object()
    {
        var parts = PopToMark();
        if (parts is [var callable, .. var arguments])
            Call(new Growing(Growing.Shape.Tuple, arguments), callable);
        else
            Fail("makes an object of nothing");
    }

    private void Build()
    {
        var state = Pop();
        var target = Peek();
        if (error is not null)
            return;
        var result =
            from build in options.State.ToEither(new PickleError("sets the state of an object"))
            from made in Growing.Freeze(target, options.MaxDepth)
            from said in Growing.Freeze(state, options.MaxDepth)
            from built in build(Seq(made.Value, said.Value))
            select (Value: built, Height: Math.Max(made.Height, said.Height) + 1);
        _ = result.Match(
            built =>
            {
                if (target is Growing growing)
                    growing.Become(built.Value, built.Height);
                else
                    Fail("sets the state of plain data");
            },
            wrong => error = Placed(wrong)
        );
    }

    private void Persistent(object id)
    {
        if (error is not null)
            return;
        if (options.Persistent.Case is PickleConstructor persistent)
            Apply(persistent, "", new Growing(Growing.Shape.Tuple, [id]));
        else
            Refuse(
                "refers to an object outside the pickle",
                Growing.Freeze(id, options.MaxDepth).Map(Shown).IfLeft("")
            );
    }

    private static string Shown((PickleValue Value, int Height) id) =>
        id.Value switch
        {
            PickleValue.Text text => text.Value,
            PickleValue.Tuple tuple =>
                $"{string.Join(", ", tuple.Items.Map(i => i is PickleValue.Text t ? t.Value : "..."))}",
            _ => "",
        };

    // ---- the stack

    private void Push(object value)
    {
        if (error is null)
            stack.Add(value);
    }

    private int Bottom => marks is [.., var mark] ? mark : 0;

    private object Peek()
    {
        if (error is null && stack.Count > Bottom)
            return stack[^1];
        Fail("takes a value where there is none");
        return Nothing;
    }

    private object Pop()
    {
        var top = Peek();
        if (error is null)
            stack.RemoveAt(stack.Count - 1);
        return top;
    }

    private void Discard()
    {
        if (marks is [.., var mark] && mark == stack.Count)
            marks.RemoveAt(marks.Count - 1);
        else
            Pop();
    }

    private List<object> PopToMark()
    {
        if (error is not null)
            return [];
        if (marks.Count == 0)
        {
            Fail("takes values back to a mark where there is none");
            return [];
        }
        var mark = marks[^1];
        marks.RemoveAt(marks.Count - 1);
        var items = stack.GetRange(mark, stack.Count - mark);
        stack.RemoveRange(mark, items.Count);
        return items;
    }

    // ---- the bytes

    private ReadOnlyMemory<byte> Take(long length)
    {
        if (error is not null)
            return default;
        if (length < 0)
        {
            Fail($"a length of {length}");
            return default;
        }
        if (length > data.Length - position)
        {
            Fail($"ends before it is complete: {length} bytes wanted, {data.Length - position} left");
            return default;
        }
        var taken = data.Slice(position, (int)length);
        position += (int)length;
        return taken;
    }

    private ReadOnlyMemory<byte> Line()
    {
        if (error is not null)
            return default;
        var rest = data.Span[position..];
        var end = rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            Fail("ends before it is complete: a line without its end");
            return default;
        }
        var line = data.Slice(position, end);
        position += end + 1;
        return line;
    }

    private string AsciiLine() => Encoding.Latin1.GetString(Line().Span);

    private byte ReadByte() => Take(1) is { Length: 1 } one ? one.Span[0] : (byte)0;

    private ushort ReadUInt16() =>
        Take(2) is { Length: 2 } two ? BinaryPrimitives.ReadUInt16LittleEndian(two.Span) : (ushort)0;

    private int ReadInt32() => Take(4) is { Length: 4 } four ? BinaryPrimitives.ReadInt32LittleEndian(four.Span) : 0;

    private uint ReadUInt32() => Take(4) is { Length: 4 } four ? BinaryPrimitives.ReadUInt32LittleEndian(four.Span) : 0;

    private long ReadInt64() => Take(8) is { Length: 8 } eight ? BinaryPrimitives.ReadInt64LittleEndian(eight.Span) : 0;

    // ---- errors: the first one stays

    private void Fail(string what) => error ??= Placed(new(what));

    private void Refuse(string what, string subject) =>
        error ??= Placed(new($"{what}; only data is read", Subject: subject));

    private PickleError Placed(PickleError wrong) => wrong with { Opcode = Opcodes.Name(opcode), Offset = start };
}
