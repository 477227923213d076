"""The numbers of each kind of word problem: one function a kind of `equation_stories.py`, named as the kind is.

x and y are what the equation must give; the other keys are the slots of the story. A key such as "p:en" is a slot of one
language.
"""

from math import lcm

from recipes.moss_mini.corpus.common import Sampler
from recipes.moss_mini.corpus.equation_text import Numbers

WHEELED = [
    ("bicycles", "自行车", 2),
    ("bikes", "自行车", 2),
    ("motorcycles", "摩托车", 2),
    ("tricycles", "三轮车", 3),
    ("cars", "小汽车", 4),
    ("cars", "汽车", 4),
]
VISITORS = [("adults", "adult", "成人"), ("adults", "adult", "成人"), ("teachers", "teacher", "教师"), ("visitors", "normal", "普通")], [("children", "child", "儿童"), ("children", "children's", "儿童"), ("students", "student", "学生"), ("kids", "kid", "儿童")]  # fmt: skip


def sum_difference(s: Sampler) -> Numbers:
    y = s.randint(1, 60) if s.random() < 0.85 else s.integer(100, 900)
    d = s.randint(1, 40)
    return {"s": 2 * y + d, "d": d, "x": y + d, "y": y}


def ratio(s: Sampler) -> Numbers:
    k, y = s.randint(2, 7), s.randint(2, 40)
    return {"k": k, "s": (k + 1) * y, "x": k * y, "y": y}


def heads(s: Sampler, low: int = 2, high: int = 4) -> Numbers:
    x, y = s.randint(1, 40), s.randint(1, 40)
    a, b = (low, high) if s.random() < 0.7 else (high, low)
    return {"a": a, "b": b, "s": x + y, "t": a * x + b * y, "x": x, "y": y}


def vehicles(s: Sampler) -> Numbers:
    (p, p_zh, a), (q, q_zh, b) = s.choice(WHEELED[:3]), s.choice(WHEELED[3:])
    x, y = s.randint(1, 30), s.randint(1, 30)
    return {
        "a": a,
        "b": b,
        "s": x + y,
        "t": a * x + b * y,
        "x": x,
        "y": y,
        "p:en": p,
        "p:zh": p_zh,
        "q:en": q,
        "q:zh": q_zh,
    }


def tickets(s: Sampler) -> Numbers:
    (p, p1, p_zh), (q, q1, q_zh) = s.choice(VISITORS[0]), s.choice(VISITORS[1])
    b = s.randint(2, 30)
    a = b + s.randint(1, 30)
    x, y = s.randint(1, 120), s.randint(1, 120)
    texts = {"p:en": p, "p1:en": p1, "p:zh": p_zh, "q:en": q, "q1:en": q1, "q:zh": q_zh}
    return {"a": a, "b": b, "s": x + y, "t": a * x + b * y, "x": x, "y": y} | texts


def coins(s: Sampler) -> Numbers:
    a, b = s.sample((1, 2, 5, 10, 20, 50, 100), 2)
    x, y = s.randint(1, 30), s.randint(1, 30)
    texts = {"p:en": f"{a} dollar bills", "q:en": f"{b} dollar bills", "p:zh": f"{a}元", "q:zh": f"{b}元"}
    return {"a": a, "b": b, "s": x + y, "t": a * x + b * y, "x": x, "y": y} | texts


def points(s: Sampler) -> Numbers:
    a, b, x, y = s.randint(2, 10), s.randint(1, 5), s.randint(8, 40), s.randint(1, 12)
    return {"a": a, "b": b, "s": x + y, "t": a * x - b * y, "x": x, "y": y}


def shopping(s: Sampler) -> Numbers:
    a, b, c, d = (s.randint(1, 7) for _ in range(4))
    if a * d == b * c:
        d += 1
    if a * d == b * c:
        c += 1
    x, y = s.randint(1, 30), s.randint(1, 30)
    if s.random() < 0.2:
        x, y = x / 2, y / 2
    return {"a": a, "b": b, "c": c, "d": d, "t": a * x + b * y, "u": c * x + d * y, "x": x, "y": y}


def price_difference(s: Sampler) -> Numbers:
    if s.random() < 0.3:  # the ball that seems to cost too much
        y = s.choice((0.05, 0.1, 0.5, 5, 10, 2.5))
        d = s.choice((1, 2, 10, 100))
    else:
        y, d = s.randint(1, 50), s.randint(1, 50)
    return {"s": round(2 * y + d, 2), "d": d, "x": round(y + d, 2), "y": y}


def axb(s: Sampler) -> Numbers:
    a, x, b = s.randint(2, 12), s.randint(2, 30), s.randint(1, 40)
    return {"a": a, "b": b, "c": a * x + b, "x": x}


def steps_minus(s: Sampler) -> Numbers:
    a, x = s.randint(2, 12), s.randint(2, 30)
    b = s.randint(1, min(a * x, 40))
    return {"a": a, "b": b, "c": a * x - b, "x": x}


def steps_bracket(s: Sampler) -> Numbers:
    a, x, b = s.randint(2, 12), s.randint(1, 30), s.randint(1, 20)
    return {"a": a, "b": b, "c": a * (x + b), "x": x}


def steps_divide(s: Sampler) -> Numbers:
    a, x, b = s.randint(2, 9), s.randint(1, 20), s.randint(1, 30)
    return {"a": a, "b": b, "c": x + b, "x": a * x}


def steps_halved(s: Sampler) -> Numbers:
    a, c, b = s.randint(2, 9), s.randint(1, 20), s.randint(1, 30)
    return {"a": a, "b": b, "c": c, "x": a * c + b}


def age_later(s: Sampler) -> Numbers:
    k, x, b = s.randint(2, 4), s.randint(1, 15), s.randint(1, 15)
    return {"a": k * (b + x) - x, "b": b, "k": k, "x": x}


def age_years(s: Sampler) -> Numbers:
    j = s.randint(2, 4)
    k = s.randint(j + 1, 7)
    base = lcm(k - j, j - 1)  # d(j-1) = y(k-j)
    y = base // (k - j) * s.randint(1, 4)
    return (
        {"k": k, "j": j, "d": y * (k - j) // (j - 1), "x": k * y, "y": y}
        if y * (k - j) % (j - 1) == 0
        else age_years(s)
    )


def rectangle_difference(s: Sampler) -> Numbers:
    y, d = s.randint(1, 40), s.randint(1, 25)
    return {"s": 2 * (2 * y + d), "d": d, "x": y + d, "y": y}


def rectangle_ratio(s: Sampler) -> Numbers:
    y, k = s.randint(1, 30), s.randint(2, 5)
    return {"s": 2 * (k + 1) * y, "k": k, "x": k * y, "y": y}


def rectangle_area(s: Sampler) -> Numbers:
    x, d = s.randint(1, 25), s.randint(1, 12)
    return {"t": x * (x + d), "d": d, "x": x}


def rectangle_both(s: Sampler) -> Numbers:
    x = s.randint(1, 20)
    y = x + s.randint(1, 12)
    return {"s": 2 * (x + y), "t": x * y, "x": x, "y": y}


def product_sum(s: Sampler) -> Numbers:
    x, d = s.randint(1, 20), s.randint(1, 12)
    return {"s": 2 * x + d, "t": x * (x + d), "x": x, "y": x + d}


def square_area(s: Sampler) -> Numbers:
    x = s.randint(2, 40)
    return {"t": x * x, "x": x}


def consecutive_sum(s: Sampler) -> Numbers:
    x = s.randint(1, 120)
    return {"t": 3 * x + 3, "x": x}


def consecutive_middle(s: Sampler) -> Numbers:
    x = s.randint(2, 120)
    return {"t": 3 * x, "x": x}


def consecutive_largest(s: Sampler) -> Numbers:
    x = s.randint(3, 120)
    return {"t": 3 * x - 3, "x": x}


def consecutive_two(s: Sampler) -> Numbers:
    x = s.randint(1, 200)
    return {"t": 2 * x + 1, "x": x, "y": x + 1}


def consecutive_even(s: Sampler) -> Numbers:
    x = s.randint(1, 150)
    return {
        "t": 2 * x + 2,
        "x": x,
        "y": x + 2,
        "parity:en": "odd" if x % 2 else "even",
        "parity:zh": "奇数" if x % 2 else "偶数",
    }


def consecutive_product(s: Sampler) -> Numbers:
    x = s.randint(2, 40)
    return {"t": x * (x + 1), "x": x}


def trains(s: Sampler) -> Numbers:
    a, b, x = s.randint(2, 24) * 5, s.randint(2, 24) * 5, s.randint(1, 8)
    return {"a": a, "b": b, "t": (a + b) * x, "x": x}


def chase(s: Sampler) -> Numbers:
    b, d, x = s.randint(2, 16) * 5, s.randint(1, 4), s.randint(1, 8)
    return {"b": b, "d": d, "x": x, "a": b * (x + d) // x} if b * d % x == 0 else chase(s)


def work(s: Sampler) -> Numbers:
    a, b = s.choice(
        (
            (3, 6),
            (6, 12),
            (4, 12),
            (10, 15),
            (20, 30),
            (2, 2),
            (6, 3),
            (12, 4),
            (4, 6),
            (2, 3),
            (5, 20),
            (8, 24),
            (s.randint(2, 20), s.randint(2, 20)),
        )
    )
    return {"a": a, "b": b}


def mixture(s: Sampler) -> Numbers:
    low, target, high = sorted(s.sample(range(5, 100, 5), 3))
    c = s.choice((2, 5, 10, 20, 50, 100, 200))
    return (
        {"a": high, "b": low, "c": c, "t": target} if s.random() < 0.5 else {"a": low, "b": high, "c": c, "t": target}
    )


def angles(s: Sampler) -> Numbers:
    a, b, x = s.choice(
        [(a, b, 180 // (1 + a + b)) for a in range(1, 10) for b in range(a, 12) if 180 % (1 + a + b) == 0]
    )
    return {"a": a, "b": b, "x": x} if a > 1 else angles(s)


def give_away(s: Sampler) -> Numbers:
    y, d = s.randint(1, 40), s.randint(1, 15)
    return {"s": 2 * y + 2 * d, "d": d, "x": y + 2 * d, "y": y}


def sharing(s: Sampler) -> Numbers:
    x, k = s.randint(3, 30), s.randint(2, 6)
    j = k + s.randint(1, 2)
    b = s.randint(1, (j - k) * x - 1)
    return {"k": k, "j": j, "b": b, "c": (j - k) * x - b, "x": x}


def discount(s: Sampler) -> Numbers:
    p, x = s.choice((5, 10, 10, 15, 20, 20, 25, 25, 30, 40, 50, 60, 75)), s.randint(1, 40) * 20
    return {"p100": p, "t": x * (100 - p) // 100, "x": x}


def raised(s: Sampler) -> Numbers:
    p, x = s.choice((5, 10, 10, 15, 20, 20, 25, 25, 30, 40, 50)), s.randint(1, 60) * 20
    return {"p100": p, "t": x * (100 + p) // 100, "x": x}


def three_shares(s: Sampler) -> Numbers:
    a, b, x = s.randint(2, 4), s.randint(2, 8), s.randint(2, 60)
    return {"a": a, "b": b, "t": (1 + a + b) * x, "x": x}


def isosceles(s: Sampler) -> Numbers:
    x = s.randint(3, 60)
    b = s.randint(1, 2 * x - 1)
    return {"b": b, "t": 2 * x + b, "x": x}


def upstream(s: Sampler) -> Numbers:
    y = s.randint(1, 15)
    x = y + s.randint(3, 60)
    return {"s": x + y, "d": x - y, "x": x, "y": y}


# Kinds that draw their numbers as another does.
SAME = {"named_sum_difference": sum_difference, "named_ratio": ratio, "class_size": sum_difference, "sum_ratio": ratio, "two_owners_ratio": ratio, "age_ratio": ratio, "two_owners_more": sum_difference, "age_sum": sum_difference, "heads_and_legs": heads, "change": axb, "rate": axb, "steps": axb}  # fmt: skip


# --- the kinds of equation_stories_more.py -----------------------------------------------------------------------------

CENTS = [("pennies", "penny", 1), ("nickels", "nickel", 5), ("dimes", "dime", 10), ("quarters", "quarter", 25)]
VALUED = [  # plural, unit and its adjective; Chinese noun, measure word, unit; the usual values
    ("stamps", "cents", "cent", "邮票", "张", "分", (20, 30, 40, 50, 60, 80, 90, 120, 8, 10, 15, 25, 45, 5)),
    ("stamps", "cents", "cent", "邮票", "张", "角", (1, 2, 3, 4, 5, 6, 8, 10, 12)),
    ("notes", "euros", "euro", "纸币", "张", "元", (1, 2, 5, 10, 20, 50, 100)),
    ("bills", "dollars", "dollar", "人民币", "张", "元", (1, 2, 5, 10, 20, 50, 100)),
    ("banknotes", "pounds", "pound", "钞票", "张", "元", (5, 10, 20, 50)),
    ("coins", "cents", "cent", "硬币", "枚", "角", (1, 2, 5, 10, 20, 50)),
    ("vouchers", "dollars", "dollar", "代金券", "张", "元", (5, 10, 15, 20, 25, 30, 50)),
]
LEGGED = [
    ("stools", "凳子", 3), ("three-legged stools", "三条腿的凳子", 3), ("chairs", "椅子", 4), ("tables", "桌子", 4),
    ("spiders", "蜘蛛", 8), ("beetles", "甲虫", 6), ("ants", "蚂蚁", 6), ("dragonflies", "蜻蜓", 6), ("turtles", "乌龟", 4),
    ("cranes", "仙鹤", 2), ("ducks", "鸭子", 2), ("lizards", "蜥蜴", 4), ("crabs", "螃蟹", 10), ("cats", "猫", 4), ("parrots", "鹦鹉", 2),
]  # fmt: skip
HOLDERS = [  # larger and smaller ones, who is in them; the same in Chinese with a measure word
    ("large boats", "small boats", "people", "大船", "小船", "条", "人", (4, 5, 6, 8, 10), (2, 3, 4, 6)),
    ("double rooms", "single rooms", "guests", "双人房", "单人房", "间", "人", (2,), (1,)),
    ("triple rooms", "double rooms", "guests", "三人间", "双人间", "间", "人", (3,), (2,)),
    ("large tables", "small tables", "guests", "大桌", "小桌", "张", "人", (8, 10, 12), (4, 5, 6)),
    ("buses", "vans", "students", "大巴", "面包车", "辆", "人", (40, 45, 50, 30), (7, 8, 10, 12, 15)),
    ("big boxes", "small boxes", "eggs", "大盒", "小盒", "个", "个鸡蛋", (10, 12, 20, 30), (4, 6, 8)),
    ("large tents", "small tents", "campers", "大帐篷", "小帐篷", "顶", "人", (5, 6, 8), (2, 3, 4)),
    ("six-seaters", "four-seaters", "people", "六人桌", "四人桌", "张", "人", (6,), (4,)),
]
GOODS = [("apples", "苹果"), ("pears", "梨"), ("oranges", "橙子"), ("bananas", "香蕉"), ("grapes", "葡萄"), ("peaches", "桃子"), ("cherries", "樱桃"), ("tomatoes", "西红柿"), ("potatoes", "土豆"), ("carrots", "胡萝卜"), ("nuts", "坚果"), ("raisins", "葡萄干"), ("coffee beans", "咖啡豆"), ("almonds", "杏仁")]  # fmt: skip
FAMILY = [("father", "son", "爸爸", "儿子"), ("father", "daughter", "父亲", "女儿"), ("mother", "son", "妈妈", "小明"), ("mother", "daughter", "母亲", "女儿"), ("grandmother", "grandson", "奶奶", "孙子"), ("grandfather", "granddaughter", "爷爷", "孙女"), ("teacher", "student", "老师", "学生"), ("brother", "sister", "哥哥", "妹妹")]  # fmt: skip
COUNTED = [("girls", "boys", "女生", "男生", "人"), ("boys", "girls", "男生", "女生", "人"), ("red balls", "blue balls", "红球", "蓝球", "个"), ("cows", "horses", "牛", "马", "头"), ("roses", "tulips", "玫瑰", "郁金香", "朵"), ("pines", "birches", "松树", "柏树", "棵"), ("men", "women", "男职工", "女职工", "人"), ("novels", "comics", "故事书", "科技书", "本"), ("hens", "ducks", "鸡", "鸭", "只"), ("cars", "trucks", "轿车", "卡车", "辆")]  # fmt: skip


def _counts(s: Sampler, a: int, b: int, high: int = 30) -> Numbers:
    x, y = s.randint(1, high), s.randint(1, high)
    return {"a": a, "b": b, "s": x + y, "t": a * x + b * y, "x": x, "y": y}


def _pair(p: str, q: str, p_zh: str, q_zh: str, measure: str = "") -> Numbers:
    return {"p:en": p, "q:en": q, "p:zh": p_zh, "q:zh": q_zh, "m1:zh": measure}


def small_coins(s: Sampler) -> Numbers:
    (p, p1, a), (q, q1, b) = s.choice(([CENTS[1], CENTS[2]], [CENTS[2], CENTS[1]], s.sample(CENTS, 2)))
    n = _counts(s, a, b)
    value = f"{n['t'] / 100:.2f}"
    return n | {"p:en": p, "q:en": q, "p1:en": p1, "q1:en": q1, "v:en": value, "v:zh": value}


def values(s: Sampler) -> Numbers:
    what, unit, one, what_zh, measure, unit_zh, sizes = s.choice(VALUED)
    n = _counts(s, *s.sample(sizes, 2), high=20)
    names = {"what:en": what, "unit:en": unit, "one:en": one, "what:zh": what_zh, "m1:zh": measure, "unit:zh": unit_zh}
    return n | names


def many_legs(s: Sampler) -> Numbers:
    (p, p_zh, a), (q, q_zh, b) = s.sample(LEGGED, 2)
    if a == b:
        return many_legs(s)
    furniture = [name in ("stools", "three-legged stools", "chairs", "tables") for name in (p, q)]
    if furniture[0] != furniture[1]:
        return many_legs(s)
    return _counts(s, a, b) | _pair(p, q, p_zh, q_zh, "张" if furniture[0] else "只")


def seats(s: Sampler) -> Numbers:
    p, q, who, p_zh, q_zh, measure, who_zh, more, fewer = s.choice(HOLDERS)
    a, b = s.choice(more), s.choice(fewer)
    if a == b:
        return seats(s)
    verb = {"间": "住", "顶": "住", "个": "装"}.get(measure, "坐")
    return _counts(s, a, b, 20) | _pair(p, q, p_zh, q_zh, measure) | {"who:en": who, "who:zh": who_zh, "do:zh": verb}


def weights(s: Sampler) -> Numbers:
    (p, p_zh), (q, q_zh) = s.sample(GOODS, 2)
    a, b = s.sample(range(2, 21), 2)
    return _counts(s, a, b, 15) | _pair(p, q, p_zh, q_zh)


def pieces(s: Sampler) -> Numbers:
    a, b = s.sample(range(1, 26), 2)
    return _counts(s, a, b, 20)


def two_digits(s: Sampler) -> Numbers:
    y = s.randint(0, 8)
    x = s.randint(y + 1, 9)
    return {"s": x + y, "d": x - y, "x": x, "y": y}


def reversed_digits(s: Sampler) -> Numbers:
    n = two_digits(s)
    return n | {"d": 9 * n["d"]}


def family_sum(s: Sampler) -> Numbers:
    k, y = s.randint(2, 6), s.randint(3, 15)
    p, q, p_zh, q_zh = s.choice(FAMILY)
    return {"k": k, "s": (k + 1) * y, "d": (k - 1) * y, "x": k * y, "y": y} | _pair(p, q, p_zh, q_zh)


def two_counts(s: Sampler) -> Numbers:
    return sum_difference(s) | _pair(*s.choice(COUNTED))


def two_counts_ratio(s: Sampler) -> Numbers:
    return ratio(s) | _pair(*s.choice(COUNTED))


def times_more(s: Sampler, sign: int = 1) -> Numbers:
    k, y = s.randint(2, 6), s.randint(3, 40)
    d = s.randint(1, min(20, 2 * y - 1))
    x = k * y + sign * d
    return {"k": k, "d": d, "s": x + y, "x": x, "y": y} | _pair(*s.choice(COUNTED))


def times_less(s: Sampler) -> Numbers:
    return times_more(s, -1)


def two_speeds(s: Sampler) -> Numbers:
    y, d, h = s.randint(3, 80), s.randint(1, 20), s.randint(2, 6)
    return {"h": h, "t": h * (2 * y + d), "d": d, "x": y + d, "y": y}


def other_speed(s: Sampler) -> Numbers:
    a, x, h = s.randint(4, 90), s.randint(4, 90), s.randint(2, 6)
    return {"a": a, "h": h, "t": h * (a + x), "x": x}


def two_solutions(s: Sampler) -> Numbers:
    low, c, high = sorted(s.sample(range(5, 100, 5), 3))
    a, b = s.sample((low, high), 2)
    total = s.choice((10, 20, 30, 40, 50, 60, 100, 200, 300, 400, 500, 600))
    if total * (c - b) % (a - b):
        return two_solutions(s)
    x = total * (c - b) // (a - b)
    return {"a": a, "b": b, "c": c, "s": total, "x": x, "y": total - x}


SAME["family_difference"] = family_sum
