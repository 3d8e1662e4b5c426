namespace Cmsa.Dsl.Display;

/// <summary>A box with its place on the page, in pixels.</summary>
/// <param name="Block">The box.</param>
/// <param name="Title">Its title, a line each.</param>
/// <param name="Notes">Its notes, a line each.</param>
/// <param name="X">Its left edge.</param>
/// <param name="Y">Its centre.</param>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
internal sealed record Placed(
    Block Block,
    Many<string> Title,
    Many<string> Notes,
    double X,
    double Y,
    double Width,
    double Height
)
{
    /// <summary>The right edge, that of the boxes behind it included.</summary>
    public double Right => X + Width + Behind;

    public double Middle => X + Width / 2;

    public double Top => Y - Height / 2;

    public double Bottom => Y + Height / 2;

    /// <summary>How far the boxes behind it, which stand for repeats, look out at the top and the right.</summary>
    public double Behind => Block.Repeats > 1 ? 6 : 0;
}

/// <summary>A point on the page.</summary>
internal readonly record struct Point(double X, double Y);

/// <summary>An arrow with its way on the page: corners of horizontal and vertical lines.</summary>
/// <param name="Arrow">The arrow.</param>
/// <param name="Way">Where it goes.</param>
internal sealed record Routed(Arrow Arrow, Many<Point> Way);

/// <summary>The sizes of a label beside the box that gives it.</summary>
internal sealed record Label(string Text, double X, double Y);

/// <summary>The rows and columns of a diagram as pixels.</summary>
internal sealed record Layout(Many<Placed> Boxes, Many<Routed> Arrows, Many<Label> Labels, double Width, double Height)
{
    private const double RowHeight = 104;
    private const double Margin = 26;
    private const double Clear = 13;

    /// <summary>How wide a text is, near enough for any sans-serif face.</summary>
    public static double Measure(string text, double size) =>
        text.Sum(c =>
            c switch
            {
                'i' or 'l' or 'j' or '.' or ',' or ' ' or '·' or '|' or '[' or ']' or '(' or ')' or 't' or 'f' or '-' =>
                    0.38,
                'm' or 'w' or 'M' or 'W' => 0.95,
                >= 'A' and <= 'Z' => 0.74,
                _ => 0.64,
            }
        ) * size;

    /// <summary>The layout of a diagram.</summary>
    public static Layout Of(Diagram diagram)
    {
        var sized = diagram.Blocks.Map(Sized);
        var columns = diagram.Blocks.IsEmpty ? 0 : diagram.Blocks.Max(b => b.Column) + 1;
        var widths = Many.Range(columns)
            .Map(c => sized.Filter(s => s.Block.Column == c).Map(s => s.Width).Append(0).Max());
        var gaps = Many.Range(columns).Map(Gap);
        var top = Margin + 40 - diagram.Blocks.Map(b => b.Row - b.Span / 2).Append(0).Min() * RowHeight;
        var boxes = sized.Map(s =>
            s with
            {
                X =
                    Margin
                    + Enumerable.Range(0, s.Block.Column).Sum(c => widths[c] + gaps[c])
                    + (widths[s.Block.Column] - s.Width) / 2,
                Y = top + s.Block.Row * RowHeight,
            }
        );
        var arrows = Routes(diagram, boxes);
        var labelled = diagram.Arrows.Filter(GoesOn).DistinctBy(a => (a.From, a.Above, a.Below)).ToMany();
        var labels = labelled.Bind(Labels).Filter(l => l.Text.Length > 0);
        return new(
            boxes,
            arrows,
            labels,
            boxes.Map(b => b.Right).Append(0).Max() + Margin,
            boxes.Map(b => b.Bottom).Append(0).Max() + Margin
        );

        // The room behind a column, for the labels of the arrows that leave it and for the bends of those that come to
        // the next.
        double Gap(int column)
        {
            var leaving = diagram.Arrows.Filter(a =>
                diagram.Blocks[a.From].Column == column && diagram.Blocks[a.To].Column > column
            );
            var labelled = leaving.Map(a => Math.Max(Measure(a.Above, 10), Measure(a.Below, 10)) + 28).Append(30).Max();
            return labelled + (diagram.Arrows.Exists(a => Bends(a, column + 1)) ? 14 : 0);
        }

        bool GoesOn(Arrow arrow) => diagram.Blocks[arrow.To].Column > diagram.Blocks[arrow.From].Column;

        Many<Label> Labels(Arrow arrow)
        {
            var from = boxes[arrow.From];
            return [new(arrow.Above, from.Right + 8, from.Y - 5), new(arrow.Below, from.Right + 8, from.Y + 12)];
        }

        // Whether an arrow comes to a column from another row, so that there must be room for its bend.
        bool Bends(Arrow arrow, int column)
        {
            var (from, to) = (diagram.Blocks[arrow.From], diagram.Blocks[arrow.To]);
            return to.Column == column
                && from.Column < column
                && to.Form != Form.Sum
                && to.Span == 0
                && from.Row != to.Row;
        }
    }

    private static Placed Sized(Block block)
    {
        if (block.Form == Form.Sum)
            return new(block, [block.Title], [], 0, 0, 22, 22);
        var title = Wrapped(block.Title, 14);
        var notes = Notes(block.Notes);
        var width = title.Map(t => Measure(t, 12.5)).Concat(notes.Map(n => Measure(n, 10.5))).Append(34).Max() + 18;
        var height = title.Count * 15 + notes.Count * 13 + 16;
        return new(
            block,
            title,
            notes,
            0,
            0,
            Math.Round(width),
            block.Form == Form.Pill ? height - 4 : height + block.Span * RowHeight
        );
    }

    // Short notes share a line.
    private static Many<string> Notes(Many<string> notes) =>
        Folded(notes, " · ", (line, note) => line.Length + note.Length < 15 && !note.StartsWith('×'));

    private static Many<string> Wrapped(string text, int letters) =>
        Folded([.. text.Split(' ')], " ", (line, word) => line.Length + word.Length < letters);

    // Pieces on lines: each joins the line before it where both go together.
    private static Many<string> Folded(Many<string> pieces, string between, Func<string, string, bool> together) =>
        pieces.Fold(
            default(Many<string>),
            (lines, piece) =>
                !lines.IsEmpty && together(lines[^1], piece)
                    ? lines.Take(lines.Count - 1).Add(lines[^1] + between + piece)
                    : lines.Add(piece)
        );

    /// <summary>The points at which arrows from one box part.</summary>
    public Many<Point> Junctions =>
        Arrows
            .GroupBy(a => a.Arrow.From)
            .SelectMany(from => Partings([.. from.Select(a => a.Way)]))
            .Distinct()
            .ToMany();

    private static Many<Point> Partings(Many<Many<Point>> ways) =>
        Many.Range(ways.Count).Bind(i => ways.Slice(i + 1, ways.Count - i - 1).Bind(other => Parting(ways[i], other)));

    private static Many<Point> Parting(Many<Point> a, Many<Point> b)
    {
        if (a.Head != b.Head)
            return [];
        var common = a.Zip(b, (x, y) => x == y).TakeWhile(same => same).Count();
        if (common == a.Count || common == b.Count)
            return [];
        var (last, left, right) = (a[common - 1], a[common], b[common]);
        var areAligned =
            (left.X == last.X) == (right.X == last.X)
            && Math.Sign(left.X - last.X) == Math.Sign(right.X - last.X)
            && Math.Sign(left.Y - last.Y) == Math.Sign(right.Y - last.Y);
        var nearer = Distance(left, last) < Distance(right, last) ? left : right;
        var at = areAligned ? nearer : last;
        return at == a.Head ? [] : [at];
    }

    private static double Distance(Point a, Point b) => Math.Abs(a.X - b.X) + Math.Abs(a.Y - b.Y);

    // ---- arrows

    private static Many<Routed> Routes(Diagram diagram, Many<Placed> boxes)
    {
        // Arrows that bend before one column each get a line of their own, a line for each box that they come from.
        var lines = new Dictionary<(int Column, int From), int>();
        // Arrows over boxes lie over one another where they would meet.
        var over = new List<(double Left, double Right, double Y)>();
        return diagram.Arrows.Map(a => new Routed(a, Way(a)));

        Many<Point> Way(Arrow arrow)
        {
            var (from, to) = (boxes[arrow.From], boxes[arrow.To]);
            if (from.Block.Column == to.Block.Column)
                return [new(from.Middle, from.Bottom), new(to.Middle, to.Top - to.Behind)];
            var straight = Math.Abs(from.Y - to.Y) < 1 || (to.Block.Span > 0 && from.Y > to.Top && from.Y < to.Bottom);
            if (straight && Free(from.Right, to.X, from.Y, arrow))
                return [new(from.Right, from.Y), new(to.X, from.Y)];
            if (straight)
                return Over(arrow, from, to);
            var bend = to.X - Clear - 7 * Line(to.Block.Column, arrow.From);
            var entry = Entry(from, to);
            if (Free(from.Right, bend, from.Y, arrow))
                return to.Block.Form == Form.Sum
                    ?
                    [
                        new(from.Right, from.Y),
                        new(to.Middle, from.Y),
                        new(to.Middle, from.Y < to.Y ? to.Top : to.Bottom),
                    ]
                    : [new(from.Right, from.Y), new(bend, from.Y), new(bend, entry), new(to.X, entry)];
            var early = from.Right + Clear;
            return Free(early, to.X, entry, arrow)
                ? [new(from.Right, from.Y), new(early, from.Y), new(early, entry), new(to.X, entry)]
                : Over(arrow, from, to);
        }

        // Up before what is in the way, along above it, and down.
        Many<Point> Over(Arrow arrow, Placed from, Placed to)
        {
            var blocking = Between(from.Right, to.X, from.Y, arrow);
            var (left, right) = (
                blocking.Map(b => b.X).Append(to.X).Min() - Clear,
                to.Block.Form == Form.Sum ? to.Middle : to.X - Clear
            );
            var y = blocking.Map(b => b.Top).Append(from.Y).Min() - 12;
            while (over.Exists(o => o.Left < right && o.Right > left && Math.Abs(o.Y - y) < 7))
                y -= 8;
            over.Add((left, right, y));
            var entry = to.Y - Math.Min(to.Height * 0.3, 16);
            return to.Block.Form == Form.Sum
                ? [new(from.Right, from.Y), new(left, from.Y), new(left, y), new(right, y), new(right, to.Top)]
                :
                [
                    new(from.Right, from.Y),
                    new(left, from.Y),
                    new(left, y),
                    new(right, y),
                    new(right, entry),
                    new(to.X, entry),
                ];
        }

        // What comes from another row enters beside the middle, on the side that it comes from.
        static double Entry(Placed source, Placed to) =>
            to.Y + (source.Y > to.Y ? 1 : -1) * Math.Min(to.Height * 0.3, 16);

        int Line(int column, int from)
        {
            if (!lines.TryGetValue((column, from), out var line))
                lines[(column, from)] = line = lines.Keys.Count(k => k.Column == column);
            return line;
        }

        bool Free(double left, double right, double y, Arrow arrow) => Between(left, right, y, arrow).IsEmpty;

        Many<Placed> Between(double left, double right, double y, Arrow arrow) =>
            [
                .. boxes.Where(
                    (b, i) =>
                        i != arrow.From
                        && i != arrow.To
                        && b.X < right - 1
                        && b.Right > left + 1
                        && b.Top - 4 < y
                        && b.Bottom + 4 > y
                ),
            ];
    }
}
