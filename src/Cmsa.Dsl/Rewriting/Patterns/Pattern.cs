using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Rewriting;

/// <summary>
/// What a node may look like: an operation on operands that look like something in turn. A variable looks like any
/// node. Sums and products are written with <c>+</c> and <c>*</c> and match in either order.
/// </summary>
public abstract class Pattern
{
    /// <summary>All ways in which a node looks like this.</summary>
    internal abstract IEnumerable<Match> In(Node node, Match sofar);

    /// <summary>The types of operations that such a node may have: what rules are looked up by.</summary>
    internal virtual Many<Type> Roots => [typeof(Operation)];

    /// <summary>The node that looks like this, of what variables are bound to.</summary>
    internal virtual Node Build(Match match) =>
        throw new InvalidOperationException(
            $"{this} says what is found in a node and builds none; give Becomes a function."
        );

    /// <summary>A variable looks like any node; where it stands twice, the node is the same.</summary>
    public static implicit operator Pattern(Variable<Node> variable) => new Anything(variable);

    /// <summary>A sum of two, in either order.</summary>
    public static Pattern operator +(Pattern left, Pattern right) =>
        new InEitherOrder<Add>("+", new Add(), left, right);

    /// <summary>A product of two, in either order.</summary>
    public static Pattern operator *(Pattern left, Pattern right) =>
        new InEitherOrder<Multiply>("*", new Multiply(), left, right);

    private sealed class Anything(Variable<Node> variable) : Pattern
    {
        internal override IEnumerable<Match> In(Node node, Match sofar) => sofar.Bind(variable, node).ToMany();

        internal override Node Build(Match match) => variable.In(match);

        public override string ToString() => variable.Name;
    }

    private sealed class InEitherOrder<T>(string sign, T operation, Pattern left, Pattern right) : Pattern
        where T : Operation
    {
        internal override Many<Type> Roots { get; } = [typeof(T)];

        internal override IEnumerable<Match> In(Node node, Match sofar)
        {
            if (node.Operation is not T || node.Operands is not [var a, var b])
                return [];
            var straight = left.In(a, sofar).SelectMany(m => right.In(b, m));
            var swapped = left.In(b, sofar).SelectMany(m => right.In(a, m));
            return straight.Concat(swapped);
        }

        internal override Node Build(Match match) => new(operation, left.Build(match), right.Build(match));

        public override string ToString() => $"{left} {sign} {right}";
    }
}

/// <summary>How patterns are written: <c>map.On(x, W) + b</c> where the four are variables.</summary>
public static class Patterns
{
    /// <summary>Any operation.</summary>
    private static readonly Many<Type> any = [typeof(Operation)];

    extension<T>(Variable<T> operation)
        where T : Operation
    {
        /// <summary>The operation on these operands and no others.</summary>
        public Pattern On(params Many<Pattern> operands) =>
            new OperationOn<T>(operation, [typeof(T)], _ => true, operands, null);

        /// <summary>The operation on these operands and perhaps more.</summary>
        public Pattern On(Many<Pattern> operands, Variable<Many<Node>> rest) =>
            new OperationOn<T>(operation, [typeof(T)], _ => true, operands, rest);

        /// <summary>The operation on any operands.</summary>
        public Pattern On(Variable<Many<Node>> operands) =>
            new OperationOn<T>(operation, [typeof(T)], _ => true, [], operands);

        /// <summary>The operation, where its own numbers are such, on these operands and no others.</summary>
        public Pattern On(Func<T, bool> where, params Many<Pattern> operands) =>
            new OperationOn<T>(operation, [typeof(T)], where, operands, null);

        /// <summary>The operation, where its own numbers are such, on these operands and perhaps more.</summary>
        public Pattern On(Func<T, bool> where, Many<Pattern> operands, Variable<Many<Node>> rest) =>
            new OperationOn<T>(operation, [typeof(T)], where, operands, rest);

        /// <summary>An operation of one of some types on these operands and perhaps more.</summary>
        public Pattern OneOf(Many<Type> types, Many<Pattern> operands, Variable<Many<Node>>? rest = null) =>
            new OperationOn<T>(operation, types, o => types.Contains(o.GetType()), operands, rest);
    }

    extension<T>(Variable<T> variable)
        where T : notnull
    {
        /// <summary>
        /// What a function finds in a node: the terms of a sum, a convolution of single cells as a linear map.
        /// </summary>
        /// <param name="as">How it is printed, with {0} for the variable.</param>
        /// <param name="see">What is found; none where the node does not look like it.</param>
        /// <param name="roots">The types of operations that the node may have; any if empty.</param>
        public Pattern Seen(string @as, Func<Node, Option<T>> see, Many<Type> roots = default) =>
            new SeenAs<T>(variable, @as, see, roots.IsEmpty ? any : roots, null, null);

        /// <summary>What a function finds in a node, a part of which looks like something.</summary>
        /// <param name="see">What is found; none where the node does not look like it.</param>
        /// <param name="part">The part of it that a pattern is for.</param>
        /// <param name="looks">What the part looks like.</param>
        /// <param name="roots">The types of operations that the node may have; any if empty.</param>
        public Pattern Seen(Func<Node, Option<T>> see, Func<T, Node> part, Pattern looks, Many<Type> roots = default) =>
            new SeenAs<T>(variable, $"{{0}}({looks})", see, roots.IsEmpty ? any : roots, part, looks);
    }

    extension(Variable<Node> variable)
    {
        /// <summary>The node that a pattern matches, by a name.</summary>
        public Pattern Is(Pattern pattern) => new Named(variable, pattern);
    }

    private sealed class OperationOn<T>(
        Variable<T> operation,
        Many<Type> types,
        Func<T, bool> where,
        Many<Pattern> operands,
        Variable<Many<Node>>? rest
    ) : Pattern
        where T : Operation
    {
        internal override Many<Type> Roots => types;

        internal override IEnumerable<Match> In(Node node, Match sofar)
        {
            var (given, wanted) = (node.Operands.Count, operands.Count);
            if (node.Operation is not T found || !where(found) || given < wanted || (rest is null && given > wanted))
                return [];
            IEnumerable<Match> matches = sofar.Bind(operation, found).ToMany();
            foreach (var (i, operand) in operands.Index())
                matches = matches.SelectMany(m => operand.In(node.Operands[i], m));
            return rest is null
                ? matches
                : matches.SelectMany(m => m.Bind(rest, node.Operands.Slice(wanted, given - wanted)).ToMany());
        }

        internal override Node Build(Match match) =>
            new(operation.In(match), operands.Map(o => o.Build(match)) + (rest is null ? [] : rest.In(match)));

        public override string ToString()
        {
            Many<string> parts = [.. operands.Map(o => $"{o}"), .. rest is null ? [] : (string[])[$"{rest}..."]];
            return $"{operation}({string.Join(", ", parts)})";
        }
    }

    private sealed class SeenAs<T>(
        Variable<T> variable,
        string text,
        Func<Node, Option<T>> see,
        Many<Type> roots,
        Func<T, Node>? part,
        Pattern? looks
    ) : Pattern
        where T : notnull
    {
        internal override Many<Type> Roots => roots;

        internal override IEnumerable<Match> In(Node node, Match sofar)
        {
            if (see(node).Case is not T seen || sofar.Bind(variable, seen).Case is not Match match)
                return [];
            return part is null || looks is null ? [match] : looks.In(part(seen), match);
        }

        public override string ToString() => string.Format(null, text, variable);
    }

    private sealed class Named(Variable<Node> variable, Pattern pattern) : Pattern
    {
        internal override Many<Type> Roots => pattern.Roots;

        internal override IEnumerable<Match> In(Node node, Match sofar) =>
            sofar.Bind(variable, node).ToMany().SelectMany(m => pattern.In(node, m));

        internal override Node Build(Match match) => pattern.Build(match);

        public override string ToString() => $"{pattern}";
    }
}
