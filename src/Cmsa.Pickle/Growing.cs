using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Pickle;

/// <summary>
/// A container while its pickle is read: Python fills one after it has been remembered and shared, so it only becomes a
/// value at the end.
/// </summary>
internal sealed class Growing(Growing.Shape shape, List<object> items)
{
    internal enum Shape
    {
        List,
        Tuple,
        Dict,
        Set,
        Other,
    }

    private Shape shape = shape;
    private PickleValue? value;
    private int height;
    private bool entered;

    /// <summary>A value that a constructor made; state may be set on it, and a container may still be filled.</summary>
    public static Growing Of(PickleValue made, int height) =>
        made switch
        {
            PickleValue.List list => new(Shape.List, [.. list.Items]) { height = height },
            PickleValue.Dict dict => new(Shape.Dict, [.. dict.Entries.SelectMany(e => new object[] { e.Key, e.Value })])
            {
                height = height,
            },
            PickleValue.Set set => new(Shape.Set, [.. set.Items]) { height = height },
            _ => new(Shape.Other, []) { value = made, height = height },
        };

    /// <summary>Adds items (a dictionary's: key, value, key, value); what is wrong, or null.</summary>
    public string? Add(Shape expected, ReadOnlySpan<object> more)
    {
        if (shape != expected)
            return $"adds to a {expected} where a {shape} stands";
        if (value is not null)
            return "changes a container after it was used";
        items.AddRange(more);
        return null;
    }

    /// <summary>Becomes another value, for all who share it.</summary>
    public void Become(PickleValue next, int nextHeight)
    {
        shape = Shape.Other;
        value = next;
        height = nextHeight;
    }

    /// <summary>
    /// The value of anything on the stack, with its height (how many values stand inside one another); or what is
    /// wrong.
    /// </summary>
    public static Either<PickleError, (PickleValue Value, int Height)> Freeze(
        object any,
        int maxDepth,
        int depth = 0
    ) =>
        any switch
        {
            PickleValue done => (done, 1),
            Growing growing => growing.Freeze(maxDepth, depth),
            _ => Left(new PickleError("uses what is not a value")),
        };

    private Either<PickleError, (PickleValue Value, int Height)> Freeze(int maxDepth, int depth)
    {
        if (value is null)
        {
            if (entered)
                return Left(new PickleError("contains itself"));
            if (depth >= maxDepth)
                return Left(TooDeep(maxDepth));
            entered = true;
            var values = new PickleValue[items.Count];
            var tallest = Math.Max(0, height - 1);
            for (var i = 0; i < values.Length; i++)
            {
                if (items[i] is PickleValue leaf)
                {
                    values[i] = leaf;
                    tallest = Math.Max(tallest, 1);
                    continue;
                }
                var part = Freeze(items[i], maxDepth, depth + 1);
                if (part.IsLeft)
                    return part;
                (values[i], var h) = ((PickleValue, int))part.Case;
                tallest = Math.Max(tallest, h);
            }
            var made = Make(values);
            if (made.IsLeft)
                return made.Map(v => (v, 0));
            entered = false;
            items = [];
            value = (PickleValue)made.Case;
            height = tallest + 1;
        }
        return height > maxDepth ? Left(TooDeep(maxDepth)) : (value, height);
    }

    private Either<PickleError, PickleValue> Make(PickleValue[] values) =>
        shape switch
        {
            Shape.List => new PickleValue.List(toSeq(values)),
            Shape.Tuple => new PickleValue.Tuple(toSeq(values)),
            Shape.Dict => PickleKeys.DictOf(toSeq(Pairs(values))),
            _ => PickleConstructors.Set(Seq1<PickleValue>(new PickleValue.List(toSeq(values)))),
        };

    private static (PickleValue, PickleValue)[] Pairs(PickleValue[] flat)
    {
        var pairs = new (PickleValue, PickleValue)[flat.Length / 2];
        for (var i = 0; i < pairs.Length; i++)
            pairs[i] = (flat[2 * i], flat[2 * i + 1]);
        return pairs;
    }

    private static PickleError TooDeep(int maxDepth) =>
        new($"values stand more than {maxDepth} deep inside one another");
}
