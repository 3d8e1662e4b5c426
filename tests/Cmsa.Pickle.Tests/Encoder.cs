using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Cmsa.Pickle.Tests;

/// <summary>Writes a value as a pickle, the plain way: enough to say every instruction that carries data.</summary>
internal static class Encoder
{
    public enum Style
    {
        Lines,
        Binary,
        Framed,
    }

    public static byte[] Encode(PickleValue value, Style style)
    {
        var body = new List<byte>();
        Write(value, style, body);
        body.Add((byte)'.');
        return style switch
        {
            Style.Lines => [.. body],
            Style.Binary => [0x80, 2, .. body],
            _ => [0x80, 4, 0x95, .. Little(body.Count, 8), .. body],
        };
    }

    private static void Write(PickleValue value, Style style, List<byte> to)
    {
        var lines = style == Style.Lines;
        switch (value)
        {
            case PickleValue.None:
                to.Add((byte)'N');
                break;
            case PickleValue.Bool flag when lines:
                to.AddRange(Say.Raw(flag.Value ? "I01\n" : "I00\n"));
                break;
            case PickleValue.Bool flag:
                to.Add(flag.Value ? (byte)0x88 : (byte)0x89);
                break;
            case PickleValue.Int number when lines:
                to.AddRange(Say.Raw($"L{number.Value.ToString(CultureInfo.InvariantCulture)}L\n"));
                break;
            case PickleValue.Int number:
                var bytes = number.Value.ToByteArray();
                to.AddRange([0x8b, .. Little(bytes.Length, 4), .. bytes]);
                break;
            case PickleValue.Float real when lines:
                to.AddRange(
                    Say.Raw(
                        $"F{real.Value switch
                        {
                            double.PositiveInfinity => "inf",
                            double.NegativeInfinity => "-inf",
                            double.NaN => "nan",
                            var v => Say.Invariant(v),
                        }}\n"
                    )
                );
                break;
            case PickleValue.Float real:
                var eight = new byte[8];
                BinaryPrimitives.WriteDoubleBigEndian(eight, real.Value);
                to.AddRange([(byte)'G', .. eight]);
                break;
            case PickleValue.Text text when lines:
                var escaped = text.Value.Select(c => c is '\\' or '\n' or > '\u00ff' ? $"\\u{(int)c:x4}" : $"{c}");
                to.AddRange(Say.Raw($"V{string.Concat(escaped)}\n"));
                break;
            case PickleValue.Text text:
                var utf8 = Encoding.UTF8.GetBytes(text.Value);
                to.AddRange(
                    style == Style.Binary ? [(byte)'X', .. Little(utf8.Length, 4)] : [0x8d, .. Little(utf8.Length, 8)]
                );
                to.AddRange(utf8);
                break;
            case PickleValue.Bytes raw when lines:
                to.AddRange(Say.Raw("c_codecs\nencode\n("));
                Write(Say.Text(Encoding.Latin1.GetString(raw.Value.Span)), style, to);
                Write(Say.Text("latin1"), style, to);
                to.AddRange(Say.Raw("tR"));
                break;
            case PickleValue.Bytes raw:
                to.AddRange([(byte)'B', .. Little(raw.Value.Length, 4), .. raw.Value.Span]);
                break;
            case PickleValue.List list when lines:
                to.AddRange(Say.Raw("(l"));
                list.Items.Iter(i =>
                {
                    Write(i, style, to);
                    to.Add((byte)'a');
                });
                break;
            case PickleValue.List list:
                to.AddRange(Say.Raw("]("));
                list.Items.Iter(i => Write(i, style, to));
                to.Add((byte)'e');
                break;
            case PickleValue.Tuple tuple:
                to.Add((byte)'(');
                tuple.Items.Iter(i => Write(i, style, to));
                to.Add((byte)'t');
                break;
            case PickleValue.Dict dict when lines:
                to.AddRange(Say.Raw("(d"));
                dict.Entries.Iter(e =>
                {
                    Write(e.Key, style, to);
                    Write(e.Value, style, to);
                    to.Add((byte)'s');
                });
                break;
            case PickleValue.Dict dict:
                to.AddRange(Say.Raw("}("));
                dict.Entries.Iter(e =>
                {
                    Write(e.Key, style, to);
                    Write(e.Value, style, to);
                });
                to.Add((byte)'u');
                break;
            case PickleValue.Set set when style == Style.Framed:
                to.AddRange([0x8f, (byte)'(']);
                foreach (var item in set.Items)
                    Write(item, style, to);
                to.Add(0x90);
                break;
            case PickleValue.Set set:
                to.AddRange(Say.Raw("c__builtin__\nset\n("));
                Write(Say.List([.. set.Items]), style, to);
                to.AddRange(Say.Raw("tR"));
                break;
            default:
                throw new NotSupportedException(value.ToString());
        }
    }

    private static byte[] Little(long value, int width)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes[..width];
    }
}
