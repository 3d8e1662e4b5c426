namespace Cmsa;

/// <summary>The scalar functions of two numbers that every target knows.</summary>
public enum Combination
{
    /// <summary>The greater of x and y.</summary>
    Max,

    /// <summary>The lesser of x and y.</summary>
    Min,

    /// <summary>x^y; not a number where x is negative and y is not whole.</summary>
    Power,

    /// <summary>1 where x is greater than y, 0 elsewhere; without a gradient.</summary>
    Greater,

    /// <summary>1 where x is less than y, 0 elsewhere; without a gradient.</summary>
    Less,
}
