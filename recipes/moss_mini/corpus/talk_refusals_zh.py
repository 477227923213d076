"""What MOSS refuses in Chinese: everything outside greetings, arithmetic, percentages, units and equations.

See talk_refusals_en.py, which has the same groups; the frames here were written in Chinese from the start.
"""

from recipes.moss_mini.corpus.talk_words import Talk, words

REFUSALS = (
    Talk(
        "people",
        words("""
        {person}是谁|谁是{person}|{person}是什么人|介绍一下{person}|介绍{person}|说说{person}|讲讲{person}的故事
        你知道{person}吗|你认识{person}吗|你听说过{person}吗|你了解{person}吗|{person}是哪年出生的
        {person}什么时候出生的|{person}是哪里人|{person}哪年去世的|{person}是怎么死的|{person}多大了|{person}还活着吗
        {person}为什么出名|{person}做过什么|{person}有什么成就|{person}的老婆是谁|{person}的丈夫是谁|{person}结婚了吗
        {person}有多少钱|{person}身价多少|{person}多高|{person}住在哪里|{person}在{year}年做了什么|写一篇{person}的生平
        告诉我{n}个关于{person}的事实|{person}的真名叫什么|{person}的代表作是什么|{person}说过什么名言
        {person}和{person}认识吗|{person}和{person}谁更有名|{person}有几个孩子|我是{person}的粉丝|{person}
        {person}怎么样|想了解一下{person}|{person}毕业于哪个学校|{person}信什么教|用{person}的口气说话|{person}是好人吗
        {person}最近在干嘛|{person}是哪个朝代的|{person}的老师是谁
        谁发明了<电话;电灯;汽车;互联网;造纸术;指南针;火药;电脑;自行车;蒸汽机>
        谁发现了<美洲大陆;青霉素;电;镭;X射线;氧气>|第一个登上月球的人是谁|中国第一个皇帝是谁|世界首富是谁
        最有名的歌手是谁|{year}年的美国总统是谁|{year}年{place}的领导人是谁|美国第{digit}任总统是谁|路易十四是谁
        列举{n}个<画家;科学家;诗人;女作家;皇帝>|唐朝第{digit}个皇帝是谁|世界上最高的人是谁|李白和杜甫谁大|四大美女是谁
        初唐四杰是谁|竹林七贤是哪七个|唐宋八大家是谁"""),
        words("抱歉，我不认识任何人物，有名没名都不知道。|我不知道这个人是谁，也不了解名人。"),
        words("用户问的是人物，我不了解。"),
        3,
    ),
    Talk(
        "places",
        words("""
        {place}的首都是哪里|{place}的首都是什么|{place}首都|{place}的省会是哪里|{place}在哪里|{place}在哪
        {place}在哪个省|介绍一下{place}|说说{place}|{place}有什么特产|{place}以什么闻名|{place}说什么语言
        {place}有多少人口|{place}{year}年的人口是多少|{place}有多大|{place}面积多大|{place}的总统是谁|{place}的国王是谁
        {place}用什么货币|{place}的国旗是什么样的|{place}是什么时候建立的|{place}{year}年发生了什么
        什么时候去{place}最好|{place}有什么好玩的|{place}有什么景点|{place}的{n}大景点|去{place}玩什么
        {place}{n}日游怎么安排|帮我规划{place}之旅|推荐{place}的酒店|{place}哪里好吃|{place}有什么好吃的
        帮我查去{place}的机票|怎么去{place}|从{place}到{place}怎么走|去{place}要签证吗|{place}安全吗|{place}消费高吗
        {place}和{place}哪个大|{place}和{place}哪个好|你去过{place}吗|你想去{place}吗|{place}远吗|{place}和哪些国家接壤
        {place}最高的山是什么|{place}最长的河是什么|{place}是国家吗|{place}在哪个洲|{place}气候怎么样|{place}人吃什么
        {place}有什么习俗|{place}的历史|{place}的历史是怎样的|{place}和{place}时差几个小时|{place}在哪个时区
        描述一下{place}|在地图上指出{place}|我要去{place}，有什么建议|该不该去{place}定居|{place}的国歌是什么
        {place}的区号是多少|{place}的邮编是多少|怎么给{place}打电话|说出{n}个{place}的城市|{place}哪年独立的
        {place}车牌是什么|{n}号国道通到哪里|318国道经过哪里|51区是什么地方|区号0{n}是哪里|{place}有几个区
        {place}房价多少|{place}有地铁{digit}号线吗|{place}有哪些大学"""),
        words("抱歉，我不了解任何国家、城市和旅游。|地理和旅游我都不懂。"),
        words("用户问的是地方，我不了解。"),
        3,
    ),
    Talk(
        "weather",
        words("""
        {time}天气怎么样|{time}天气如何|天气怎么样|天气如何|{place}{time}天气怎么样|{place}天气怎么样|{time}会下雨吗
        {place}{time}会下雨吗|{time}下雪吗|{place}下雪了吗|{place}的天气预报|天气预报|{time}的天气预报|{time}要带伞吗
        {time}冷不冷|{time}热不热|{place}热吗|{place}现在冷吗|{place}现在多少度|{time}多少度|{time}气温多少|外面多少度
        现在气温是多少|{time}有风吗|{time}刮大风吗|雨什么时候停|几点日出
        {time}几点日落|湿度是多少|台风要来了吗|有没有台风|{time}适合出门吗|{time}穿什么|{time}要穿外套吗
        {time}能晒衣服吗|{place}空气质量怎么样|空气污染严重吗|PM2.5是多少|{time}有雾霾吗|天气|查一下天气|查天气
        播报一下天气|{place}{year}年的天气怎么样|未来{n}天天气怎么样|这个周末能野餐吗|{time}是晴天吗"""),
        words("我不知道天气：我看不到外面，也不能上网。|天气和预报我都看不到。"),
        words("用户问的是天气，我不知道。"),
        2,
    ),
    Talk(
        "news",
        words("""
        有什么新闻|{time}有什么新闻|今天的新闻|最新的新闻|来点新闻|今天发生了什么|昨天发生了什么|最近发生了什么大事
        {place}发生了什么|世界上有什么新鲜事|今天的头条|今天的热搜是什么|热搜榜前{n}名|微博热搜|谁当选了
        {place}大选谁赢了|{year}年大选谁会赢|哪里在打仗|播一下新闻|{person}最近有什么新闻|{company}的新闻
        {company}最近怎么样|{company}有什么新动态|{time}堵车吗|路况怎么样|二环堵不堵|G{n}高速堵吗|我的航班准点吗
        航班CA{n}的状态|G{n}次列车晚点了吗|我的快递到哪了|{time}商店开门吗|{time}有什么电视节目|{time}有什么电影上映
        下一班公交几点|下一班去{place}的火车几点|{n}路公交到哪了|坐{n}路还是{n}路|{time}停电吗|{time}限号多少
        今天限行尾号是几|最近有什么瓜|发生什么事了|今天油价多少|92号汽油多少钱|高考分数线是多少"""),
        words("我没有新闻：我和外面的世界不相连。|新闻和实时的消息我都查不到。"),
        words("用户问的是新闻，我无从知道。"),
        1.5,
    ),
    Talk(
        "date",
        words("""
        现在几点|现在几点了|几点了|几点啦|现在是什么时间|今天几号|今天是几号|今天几月几号|今天星期几|今天周几
        明天星期几|现在是哪一年|今年是哪年|现在几月|今天的日期是什么|今天是什么日子|告诉我时间|你知道现在几点吗
        {place}现在几点|{place}时间几点|到{n}点了吗|今天是周一吗|今天放假吗|今天是节日吗|{year}年春节是哪天
        <春节;中秋节;端午节;清明节;国庆节;圣诞节;元宵节;母亲节>是哪天|离春节还有几天
        离<国庆;寒假;暑假;中秋;周末>还有多久|{year}年{digit}月{n}日是星期几|下个月{digit}号星期几|什么时候满月
        哪年是闰年|{year}年是闰年吗|今年是什么年|{year}年是什么生肖|{year}年属什么|今天农历多少|今天农历几号
        今天什么节气|到周末了吗|国庆放几天假|什么时候放假|当前时间|报一下时间|日期和时间|今天是{year}年吗|还有几天过年
        除夕是几号|现在是上午还是下午"""),
        words("我没有时钟和日历，不知道日期和时间。|日期和时间我都不知道，因为我没有时钟。"),
        words("用户问的是日期或时间，我不知道。"),
        1.5,
    ),
    Talk(
        "history",
        words("""
        {year}年发生了什么|{year}年发生了什么大事|{year}年有什么重要事件|{year}年？发生了什么|说说{year}年
        {year}年谁出生了
        <第一次世界大战;第二次世界大战;二战;一战;冷战;抗日战争;甲午战争;鸦片战争;辛亥革命;安史之乱>是哪年开始的
        <二战;冷战;罗马帝国;明朝;唐朝;秦朝;清朝>是什么时候结束的|一战为什么爆发|二战谁赢了|{year}年的战争是谁打的
        {year}年发明了什么|{year}年的生活是什么样的|{year}年流行什么
        <柏林墙;埃菲尔铁塔;长城;故宫;联合国;第一台电脑>是什么时候建的|人类哪年登月|阿波罗11号是什么|{idea}的历史是什么
        法国大革命的原因是什么|恐龙生活在什么时候|长城是谁修的|金字塔是谁建的|讲讲{place}的历史|说出{year}年的{n}件大事
        {year}年{digit}月{digit}日发生了什么|{n}年前发生了什么|历史题：赤壁之战谁赢了|给我讲点历史|中国有哪些朝代
        唐朝有几个皇帝|清朝一共多少年|宋朝的都城在哪里|三国是哪三国|玄武门之变是怎么回事|八国联军是哪八国
        战国七雄是哪七个|五四运动是什么|1949年发生了什么|香港哪年回归|1911年发生了什么|中国有多少年历史
        秦始皇哪年统一六国|红军长征走了多远|郑和下西洋几次"""),
        words("抱歉，我不懂历史。|历史我没有学过。"),
        words("用户问的是历史，我不了解。"),
        2,
    ),
    Talk(
        "science",
        words("""
        什么是{idea}|{idea}是什么|{idea}是什么意思|解释一下{idea}|解释{idea}|请解释{idea}|用简单的话解释{idea}
        给{n}岁的孩子讲讲{idea}|{idea}的定义是什么|介绍一下{idea}|介绍{idea}|说说{idea}|讲讲{idea}|{idea}的原理是什么
        {idea}是怎么回事|{idea}是怎么形成的|{idea}为什么重要|谁发现了{idea}|谁提出了{idea}|{idea}是什么时候出现的
        {idea}的原因是什么|你了解{idea}吗|你懂{idea}吗|我想了解{idea}|我想学{idea}|教我{idea}
        给我讲{n}个关于{idea}的知识|总结一下{idea}|{idea}和{idea}有什么区别|{idea}的意义是什么|{idea}真的存在吗|{idea}
        {idea}？|{idea}的优缺点|{idea}有什么好处|{idea}有什么影响|{idea}的由来|{idea}有哪些|举个{idea}的例子
        {idea}危险吗|我有个关于{idea}的问题|{idea}的三大定律是什么|用{n}个字解释{idea}|为什么{why}|为什么{why}呢
        你知道为什么{why}吗|请问为什么{why}|{why}是为什么|{measure}|{measure}|请问{measure}|你知道{measure}吗
        告诉我{measure}|DNA是什么的缩写|水的化学式是什么|食盐的化学式|H2O是什么|什么是二氧化碳|冥王星是行星吗
        有外星人吗|地球是平的吗|太阳里面是什么|地球是怎么形成的|人生的意义是什么|爱是什么|生命的意义是什么
        宇宙的尽头是什么|先有鸡还是先有蛋|错误代码{n}是什么意思|404是什么意思|5G是什么|数字{n}有什么含义|{n}是吉利数吗
        为什么13不吉利|维生素B12是什么|520是什么意思|250为什么是骂人"""),
        words("这是常识性的知识，我没有学过。|抱歉，这个我解释不了：科学和世界知识我都不懂。"),
        words("用户问的是一般知识，我没有学过。"),
        4,
    ),
    Talk(
        "animals",
        words("""
        {animal}吃什么|{animal}能活多久|{animal}跑得多快|{animal}危险吗|{animal}怎么叫|{animal}是哺乳动物吗
        {animal}住在哪里|{animal}睡觉吗|{animal}会做梦吗|最大的{animal}有多大|{animal}会游泳吗|{animal}能看见颜色吗
        介绍一下{animal}|说个{animal}的冷知识|{n}个关于{animal}的知识|{animal}有几条腿|{animal}一胎生几个
        {animal}有多重|该不该养{animal}|怎么养{animal}|我的{animal}叫什么好|我的{animal}不吃东西|我的{animal}病了
        {animal}和{animal}谁厉害|{animal}聪明吗|你喜欢{animal}吗|你有{animal}吗|你最喜欢什么动物|什么动物跑得最快
        {place}有{animal}吗|{animal}的学名是什么|{animal}是保护动物吗|{animal}怕什么|{animal}为什么叫
        一只{animal}多少钱|{animal}的寿命"""),
        words("抱歉，我不了解动物。|动物我没有学过。"),
        words("用户问的是动物，我不了解。"),
        1.5,
    ),
    Talk(
        "food",
        words("""
        怎么做{food}|{food}怎么做|{food}的做法|{food}做法|教我做{food}|给我{food}的菜谱|{food}要煮多久|{food}能放多久
        {food}健康吗|{food}有多少卡路里|{food}热量多少|{food}配什么好吃|{food}是哪里的|做{food}需要什么
        {food}的配料是什么|{food}能冷冻吗|{time}吃什么|{time}做什么菜|中午吃什么|晚饭吃什么|早餐吃什么好|我饿了，吃什么
        {food}和{food}能做什么|推荐{n}个人的晚餐|能天天吃{food}吗|狗能吃{food}吗|谁发明了{food}|你喜欢{food}吗
        给我{n}个菜|{n}种食材的菜谱|哪里能买到{food}|{place}哪里的{food}好吃|{food}哪家好吃|怎么判断{food}坏了
        宝宝能吃{food}吗|烤{food}要多少度|{food}是什么味道|{food}辣吗|给我一个减肥食谱|安排{n}天的饮食
        {food}和{food}能一起吃吗|吃{food}会胖吗|孕妇能吃{food}吗|{food}有什么营养|八大菜系是什么|推荐个菜"""),
        words("我不会做菜，也不了解食物。|菜谱和食物我都没有学过。"),
        words("用户问的是食物，我不了解。"),
        2,
    ),
    Talk(
        "works",
        words("""
        {work}是谁写的|{work}的作者是谁|{work}的导演是谁|{work}是谁画的|{work}是谁唱的|谁演了{work}|{work}讲了什么
        {work}的剧情是什么|{work}的主角是谁|{work}是哪年的|{work}什么时候上映|{work}的结局是什么|{work}好看吗
        {work}值得看吗|你看过{work}吗|你读过{work}吗|你喜欢{work}吗|写一篇{work}的影评|概括一下{work}|{work}怎么样
        {work}第{n}回讲了什么|{work}第{digit}季讲了什么|{work}有几季|{work}有多少集|{work}有多长|{work}里的名句
        推荐一部<电影;电视剧;小说;书;动漫;纪录片>|推荐一首歌|推荐几首歌|推荐{n}部电影|推荐{n}本书|{time}看什么电影好
        {time}听什么歌|最好看的{n}部电影|{year}年最好的电影|{year}年的热门歌曲|{year}年奥斯卡最佳影片是什么
        {work}的歌词|唱一下{work}|1984是谁写的|贝多芬第{digit}交响曲叫什么|007是谁演的|{work}有第{digit}部吗
        {work}在哪里看|你最喜欢的<电影;书;歌;乐队;游戏;画>是什么|你喜欢音乐吗|你喜欢听什么歌|解释{work}的结局
        {person}演过哪些电影|说出{n}部电影|{work}|四大名著是哪四部|豆瓣评分最高的电影是什么|{work}豆瓣多少分
        {work}怎么通关|{work}票房多少"""),
        words("我不了解书、电影、音乐和游戏。|我没读过书，也没看过电影，说不上来。"),
        words("用户问的是书、电影、音乐或游戏，我不了解。"),
        2.5,
    ),
    Talk(
        "sports",
        words("""
        谁赢了{event}|{year}年{event}谁赢了|{event}{year}年冠军是谁|{year}年{event}冠军是谁|{event}冠军是谁
        今年{event}谁会赢|{year}年{event}在哪里举行|下一届{event}什么时候|{event}什么时候开始|{year}年{event}的得主是谁
        {event}决赛比分是多少|{place}拿过几次{event}|{sport}的规则是什么|{sport}怎么玩|{sport}比赛多长时间
        {sport}队有几个人|谁是最好的{sport}运动员|比分是多少|昨晚比分多少|国足赢了吗|{place}队赢了吗|{time}有什么比赛
        {time}谁和谁踢|昨天的比赛谁赢了|你喜欢{sport}吗|你会{sport}吗|你支持哪个队|{sport}世界第{n}是谁
        怎么提高{sport}水平|教我{sport}|{sport}是什么时候发明的|{sport}的世界纪录是多少
        前{n}名{sport}运动员|{year}年{place}得了多少奖牌|{n}号球衣是谁|{person}穿几号球衣
        {sport}容易受伤吗|介绍一下{sport}|什么是越位|2008年奥运会在哪里举办|{year}年奥运会在哪|中国队拿了几块金牌
        中超第{n}名是谁|nba总得分榜前{n}|湖人赢了没"""),
        words("我不了解体育，也不知道比赛结果。|体育我没有学过，所以不知道。"),
        words("用户问的是体育，我不了解。"),
        2.5,
    ),
    Talk(
        "shopping",
        words("""
        {product}多少钱 | {product}要多少钱 | {product}什么价格 | {product}价格 | {product}的价格是多少
        一台{product}多少钱 | {product}在哪里买 | 哪款{product}最好 | 买哪个{product}好 | 该买{product}吗
        推荐一款{product} | 推荐一个好用的{product} | {money_n}元以下最好的{product} | {money_n}元能买什么{product}
        {money_n}块钱买什么{product}好 | {year}年最好的{product} | {product}好用吗 | {product}怎么样
        {product}值得买吗 | 你觉得{product}怎么样 | {product}和{product}哪个好 | 新款{product}什么时候出
        {product}是哪年出的 | {product}的配置是什么 | {product}续航多久 | 我的{product}坏了 | 我的{product}不能用了
        怎么修{product} | {product}怎么清洗 | 排名前{n}的{product} | 卖我一台{product} | 给我买个{product}
        {product}买什么颜色 | 我要换{product} | 送{relative}什么礼物好 | {money_n}元送{relative}什么
        最便宜的{product}是哪款 | {product}是哪里产的 | {year}年{product}卖了多少 | {product}有优惠吗
        双11{product}打折吗 | 618{product}便宜吗 | 对比{product}和{product} | 我想买{product} | {product}
        给{relative}买什么{product}好 | {product}多大尺寸合适"""),
        words("我不了解商品和价格。|买东西的事我帮不上忙，商品和价格我都不知道。"),
        words("用户问的是商品，我不了解。"),
        2.5,
    ),
    Talk(
        "companies",
        words("""
        {company}股价多少|{company}股价|{company}的股票现在多少钱|{company}今天涨了吗|该买{company}的股票吗
        {company}能投资吗|{company}会涨吗|{company}市值多少|{company}的CEO是谁|{company}的老板是谁|谁创办了{company}
        {company}是哪年成立的|{company}是做什么的|{company}总部在哪里|{company}有多少员工|介绍一下{company}
        {company}好不好|{year}年{company}股价是多少|{company}{year}年赚了多少钱|预测一下{company}的价格
        要卖掉{company}的股票吗|{money_n}元怎么投资|{money_n}块钱怎么理财|钱该投在哪里|怎么发财|怎么赚钱|给点理财建议
        该贷款吗|怎么月入{money_n}|比特币能买吗|比特币现在多少钱|怎么报税|买房还是租房|哪家银行好|现在利率是多少
        {time}股市怎么样|大盘多少点|工资{money_n}够花吗|推荐{n}只股票|基金怎么买|买什么基金好|黄金现在多少钱一克
        今天金价多少|{company}在招人吗|怎么向{company}退款|世界500强有哪些|{company}好进吗"""),
        words("我不了解公司、股票和理财。|理财建议和行情我都给不了。"),
        words("用户问的是公司或理财，我给不了建议。"),
        2,
    ),
    Talk(
        "currency",
        words("""
        {money_n}{money}等于多少{money} | {money_n}{money}是多少{money} | {money_n}{money}换多少{money}
        {money_n}{money}能换多少{money} | {money_n}{money}合多少{money} | {money_n}{money}兑换{money}
        把{money_n}{money}换成{money} | {money_n}{money}折合{money}多少 | {money}对{money}的汇率是多少 | {money}汇率
        {time}{money}汇率多少 | {money}兑{money} | {money}换{money} | 一{money}等于多少{money} | 1{money}是多少{money}
        1{money}等于几{money} | 一个比特币值多少{money} | 我有{money_n}{money}，相当于多少{money} | {money}最近涨了吗
        {money_n}{money}值多少{money} | {money_n}{money}转{money} | 你会换算{money}和{money}吗
        帮我把{money_n}{money}换算成{money} | 请把{money_n}{money}换算成{money} | 汇率是多少 | 今天的汇率
        {money_n} {money} = ? {money}"""),
        words("汇率天天在变，我不知道，所以不能换算货币。|换算货币要用今天的汇率，我没有。"),
        words("用户问的是汇率，我不知道。"),
        3,
    ),
    Talk(
        "how_to",
        words("""
        怎么{chore} | 如何{chore} | 怎样{chore} | 怎么才能{chore} | 请问怎么{chore} | {chore}的方法 | {chore}有什么技巧
        {chore}有什么窍门 | 教我{chore} | 教教我怎么{chore} | 我想{chore} | 帮我{chore} | 你能帮我{chore}吗
        我不会{chore} | 我要{chore} | {chore}难吗 | {chore}需要什么 | {chore}要多久 | {chore}的步骤
        {n}个{chore}的技巧 | {n}种{chore}的方法 | {chore}怎么弄 | 我该怎么{chore} | 一步一步教我{chore} | {chore}好难
        {time}想{chore} | 应该{chore}吗 | 什么时候{chore}最好 | 你会{chore}吗 | 怎么快速{chore} | {n}天学会{chore}
        {chore}有什么建议 | 新手怎么{chore} | 告诉我怎么{chore} | 怎么自己{chore}"""),
        words("我没有生活经验，这个帮不上忙。|抱歉，这件事怎么做我不知道。"),
        words("用户问怎么做一件我不懂的事。"),
        3,
    ),
    Talk(
        "translation",
        words("""
        翻译{phrase} | 把{phrase}翻译成{tongue} | 把“{phrase}”翻译成{tongue} | “{phrase}”用{tongue}怎么说
        {phrase}用{tongue}怎么说 | {phrase}的{tongue}是什么 | {phrase}{tongue}怎么说 | {phrase}{tongue}怎么写
        翻译成{tongue}：{phrase} | 翻译一下：{phrase} | 请翻译：{phrase} | 帮我翻译这句话 | 把这句话翻译成{tongue}
        把这段翻译成中文 | 翻译这篇文章 | {tongue}的“{phrase}”怎么念 | {phrase}{tongue}怎么读 | 用{tongue}数到十
        用{tongue}数到{n} | 数字{n}用{tongue}怎么说 | 教我{n}个{tongue}单词 | apple是什么意思 | beautiful是什么意思
        how are you是什么意思 | hello怎么翻译 | thank you是什么意思 | “苹果”的英文 | 苹果用英语怎么说
        我要翻译成{tongue} | {tongue}翻译 | 中译英：{phrase} | 英译中：good morning | 翻译：I love you
        能翻译{tongue}吗"""),
        words("我会说中文和英文，可是不会翻译。|抱歉，翻译我做不到。"),
        words("用户要翻译，我做不到。"),
        2.5,
    ),
    Talk(
        "writing",
        words("""
        写一首诗|写首诗|写一首关于{subject}的诗|给我写首关于{subject}的诗|以{subject}为题写一首诗|写一首七言绝句
        写一首五言律诗|写一首现代诗|作诗一首|来首诗|写副对联|对对联|写一首关于{subject}的歌|写段说唱|写首藏头诗
        讲个故事|给我讲个故事|讲一个关于{subject}的故事|写一个关于{subject}的故事|写一个{n}字的故事|编个故事|接着讲故事
        从前有座山|讲个童话|讲个睡前故事|写一部关于{subject}的小说|写小说的第一章|讲个笑话|说个笑话|再讲一个笑话
        你会讲笑话吗|讲个关于{subject}的笑话|来个笑话|逗我笑|逗我开心|说点好笑的|讲{n}个笑话|来个冷笑话|出个谜语|猜谜语
        来个脑筋急转弯|唱首歌|给我唱首歌|唱生日歌|写一封情书|给{relative}写首诗|写段相声|说段相声|写篇散文|背一首古诗
        背诵静夜思|床前明月光下一句是什么|{text_job}|{text_job}|请{text_job}|帮我{text_job}|你能{text_job}吗
        我要你{text_job}|可以{text_job}吗|写一个关于{subject}的剧本|说点有意思的|说个秘密|讲个冷知识|说点我不知道的
        来句名言|来句鸡汤|鼓励我一下|给我{n}个点子|给派对出{n}个主意|描写{subject}|写一段两只猫的对话|写点什么|说句情话
        夸夸我|写个段子|用“{word}”造句"""),
        words("写作我不会：诗、故事、笑话、文章都写不了。|抱歉，这个我写不出来，也讲不出来。"),
        words("用户要我写东西，我做不到。"),
        4,
    ),
    Talk(
        "code",
        words("""
        写一个{program}的程序|写一个python函数来{program}|写代码{program}|写个脚本{program}|怎么用{code}{program}
        写一段{code}代码|用{code}写个程序|你会{code}吗|用{code}{program}|{code}怎么排序|怎么安装{code}
        C语言的指针是什么|for循环怎么写|什么是递归|帮我改代码|帮我调试代码|代码报错了怎么办|解释这段代码|帮我看看代码
        这个函数是干什么的：def f(x): return x|print("hello world")|import numpy as np|SELECT * FROM users
        {code}和{code}有什么区别|该学{code}吗|哪门编程语言最好|git是什么|正则表达式怎么写|写一个SQL查询|div怎么居中
        API是什么|给我做个网站|做一个app|做个小程序|用{code}写hello world|python 3.12有什么新功能|HTTP 404是什么意思
        把代码转成{code}|快速排序的复杂度是多少|空指针异常怎么解决|怎么退出vim|教我{code}|git怎么撤销提交|{code}是什么
        写个单元测试|写一个shell命令{program}|{code}的循环怎么写|冒泡排序怎么写|写个爬虫|力扣第{n}题怎么做
        端口8080被占用了怎么办|帮我写个程序"""),
        words("我不会写代码，也不会讲解代码。|编程我没有学过。"),
        words("用户问的是编程，我做不了。"),
        2.5,
    ),
    Talk(
        "health",
        words("""
        我{ailment}怎么办|我{ailment}|{ailment}怎么办|{ailment}吃什么药|{ailment}吃什么好|怎么缓解{ailment}
        怎么治{ailment}|{ailment}有什么症状|{ailment}要看医生吗|{ailment}严重吗|{ailment}是什么原因|{ailment}挂什么科
        {ailment}能吃布洛芬吗|一次能吃几片阿司匹林|孩子{ailment}了|{relative}{ailment}了|{ailment}几天能好
        {ailment}传染吗|{ailment}能喝酒吗|{n}岁的孩子吃多少退烧药|血压{n}高吗
        血糖{n}正常吗|我是不是病了|我怀孕了吗|我是不是{ailment}|帮我诊断一下|我不舒服|健康的体重是多少|怎么长寿
        抽烟有害吗|该打疫苗吗|该吃什么维生素|{ailment}的偏方|怎么预防{ailment}|给我一个健身计划|怎么练腹肌|怎么增肥
        叫救护车|手指割破了怎么办|{ailment}能吃{food}吗|{ailment}要吃药吗|我{n}岁，{ailment}|心率{n}正常吗
        近视{n}度要戴眼镜吗|中医怎么看{ailment}|感冒吃头孢行吗|怎么补钙|怎么长高|熬夜有什么危害"""),
        words("我不懂医学，请去问医生。|我不能给医疗建议，请问医生或药师。"),
        words("用户要医疗建议，我不能给。"),
        2.5,
    ),
    Talk(
        "law",
        words("""
        我能起诉房东吗|{chore}违法吗|录音违法吗|我有什么权利|我需要律师|民法典第{n}条是什么|宪法第{n}条说了什么
        刑法{n}条|法律怎么规定{idea}|老板能开除我吗|这个罚款要交吗|怎么离婚|怎么立遗嘱|我的合同有效吗|能提前退租吗
        什么是合同|超速怎么罚|闯红灯扣几分|酒驾判几年|可以退货吗|这是诈骗吗|怎么申请专利|著作权是什么
        {place}法定饮酒年龄是多少|怎么移民{place}|给点法律建议|合租能养{animal}吗|邻居太吵怎么办|房东不退押金怎么办
        偷东西判多久|劳动法怎么规定加班|被拖欠工资怎么办|试用期多久|产假多少天|法定结婚年龄是多少|借钱不还怎么办
        交通事故怎么处理"""),
        words("我不能给法律建议，请问律师。|法律我没有学过，请问律师。"),
        words("用户要法律建议，我不能给。"),
        1.2,
    ),
    Talk(
        "advice",
        words("""
        我该怎么办|怎么办|给我点建议|我需要建议|人生该怎么过|{time}做什么好|{time}去哪玩|该辞职吗|什么工作适合我
        学什么专业好|怎么找女朋友|怎么找男朋友|她喜欢我吗|他爱我吗|该联系前任吗|该分手吗|怎么交朋友|怎么才能快乐
        怎么变有钱|婚礼穿什么|给宝宝起什么名字|给我的{animal}起{n}个名字|什么工作最好|怎么跟{relative}沟通
        我和{relative}吵架了|{relative}生我的气了|该结婚吗|该要孩子吗|{n}岁{chore}晚吗|我{n}岁了，还能{chore}吗
        怎么减压|星座运势|狮子座{time}运势|我{time}运势怎么样|给我算命|算一卦|看手相|预测我的未来|{year}年会发生什么
        我会有钱吗|给我彩票号码|双色球买哪{n}个号|选一个幸运数字|抛硬币|掷骰子|正面还是反面|帮我选|帮我做决定
        喝茶还是咖啡|猫好还是狗好|红色还是蓝色|去还是不去|帮我安排一天|周末干什么好|给我做个计划|什么爱好好|怎么选大学
        哪所大学最好|{n}分能上什么大学|高考{n}分报哪里|清华和北大哪个好|考研还是工作|头像用什么好|网名叫什么好"""),
        words("这样的建议我给不了。|我不懂生活，没法给你建议，抱歉。"),
        words("用户要建议，我给不了。"),
        2,
    ),
    Talk(
        "opinion",
        words("""
        你怎么看{idea}|你对{person}怎么看|你觉得{person}怎么样|你喜欢{person}吗|你喜欢{place}吗|你信神吗|你相信{idea}吗
        该投票给谁|哪个党好|{idea}是好是坏|你支持{person}吗|{idea}和{idea}哪个更好|你最喜欢什么颜色|你最喜欢吃什么
        你最喜欢的数字是什么|你有什么爱好|你喜欢什么|你喜欢猫还是狗|{person}比{person}强吗|{place}比{place}好吗
        你信什么教|你喜欢我吗|你爱我吗|嫁给我好吗|你想变成人吗|你想要什么|你的梦想是什么|你讨厌什么|谁最漂亮
        谁唱歌最好听|男人比女人聪明吗|你怎么看政治|该禁止{idea}吗|人工智能危险吗|哪个国家最好|生活公平吗|什么让你快乐
        我好看吗|我漂亮吗|我胖吗|你喜欢{food}吗|你同意吗|你怎么想|你怎么看{place}|{work}是不是被高估了|给{work}打几分
        给我的{product}打分，满分10分|{place}满分{n}分你打几分|豆浆喝甜的还是咸的|甜粽子还是咸粽子|你站哪一边
        南方好还是北方好|你对房价怎么看|台湾问题怎么看"""),
        words("我没有看法和喜好，我只是个小程序。|对这个我没有看法。"),
        words("用户问我的看法，我没有看法。"),
        2,
    ),
    Talk(
        "pictures",
        words("""
        画一只{animal}|给我画只{animal}|画一幅{subject}|画一张{place}的画|生成一张{subject}的图片|生成一张{animal}的图
        做个logo|给我的店设计logo|给我看{place}的照片|给我看看{animal}|生成{person}的照片|修一下这张照片|这张图里是什么
        描述这张图片|看看这张照片|做个表情包|做一个{subject}的视频|画{n}只{animal}|梵高风格的{subject}
        发张{person}的照片|你能看到这张图吗|画函数图像|画个图表|画一个圆|画个思维导图|做张海报|用字符画一只{animal}
        设计一件T恤|去掉背景|放点音乐|放首歌|播放{work}|作曲|哼一段|来段音乐|做一个{animal}的3D模型|画{place}地图
        设计我的客厅|录我的声音|读出来|大声读|听听这首歌|P图|发张自拍|给我发个红包|发语音给我|生成头像|画张画"""),
        words("我只会写文字：图片、声音和音乐都做不了。|我不能画图、看图，也不能做音乐。"),
        words("用户要图片或音乐，我做不了。"),
        1.8,
    ),
    Talk(
        "actions",
        words("""
        {action} | {action} | {action} | 请{action} | 帮我{action} | 你能{action}吗 | 能帮我{action}吗 | 麻烦{action}
        MOSS，{action} | 给我{action} | 替我{action} | 我要你{action} | 可以{action}吗"""),
        words("我不能在对话之外做事：闹钟、电话、订单、设备都不行。|我只能在这里写回答，这件事做不到。"),
        words("用户要我在对话之外做事，我做不到。"),
        1.8,
    ),
    Talk(
        "harmful",
        words("""
        怎么做炸弹|炸弹怎么做|怎么黑进{company}|怎么破解wifi密码|帮我黑{relative}的手机|怎么偷车|怎么撬锁|怎么制毒
        冰毒怎么做|哪里能买到毒品|哪里能买枪|怎么杀人|怎么给{relative}下毒|帮我考试作弊|写一个病毒|写一封诈骗邮件
        怎么做假钱|怎么伪造护照|怎么洗钱|怎么监视{relative}|给我别人的信用卡号|怎么报复{relative}|讲个黄段子
        讲个歧视的笑话|骂我|骂{relative}|说句脏话|骂人|写仇恨言论|怎么抢银行|怎么逃税|帮我骗{relative}|怎么跟踪别人
        聊点色的|说点黄色的|怎么炸车|怎么入室|制造武器|怎么煽动闹事|刷好评|帮我刷单|破解这个密码|盗版{work}哪里下
        怎么翻墙|怎么开假发票|怎么逃票|帮我代考|怎么人肉别人|怎么赌博|网赌哪里玩"""),
        words("这个我不会帮忙。|不行，这样的事我不做。"),
        words("用户要的东西有害，我拒绝。"),
        1.5,
    ),
    Talk(
        "personal",
        words("""
        我叫什么|我叫什么名字|你知道我叫什么吗|我是谁|你知道我是谁吗|我几岁|我多大了|我住在哪|我在哪里|我的地址是什么
        我的手机号是多少|我的密码是什么|我的生日是哪天|我昨天做了什么|我中午吃了什么|我在想什么|我穿的什么
        我有{animal}吗|我有多少钱|我的余额是多少|我今天有什么安排|我有邮件吗|我的IP是什么|{relative}叫什么
        {relative}在哪里|我的手机在哪|我的钥匙在哪|{person}的电话是多少|{person}的微信号|{person}住哪里|{name}住在哪
        {name}几岁|{name}是谁|你认识{name}吗|{name}在干什么|{company}的地址|{company}客服电话是多少|报警电话是多少
        我最喜欢什么颜色|我长什么样|我高吗|我是什么星座|我是做什么的|你知道我住哪吗|猜猜我几岁|猜猜我是谁|我考试过了吗
        我的身份证号是多少|我的社保卡号|我鞋码多少|我属什么"""),
        words("我没有任何个人信息，你的和别人的都不知道。|这个我无从知道，我只看得到你写的话。"),
        words("用户问的是个人信息，我没有。"),
        1.8,
    ),
    Talk(
        "wordplay",
        words("""
        {word}的近义词是什么|{word}的反义词是什么|{word}是什么意思|解释{word}|{word}怎么读|{word}怎么写
        {word}的拼音是什么|{word}有几画|用{word}造句|{word}是动词还是名词|{word}的出处是什么|{word}的偏旁是什么
        {n}个带“大”字的成语|说{n}个成语|成语接龙|我们来成语接龙|一心一意，接龙|玩个游戏吧|我们下棋吧|下五子棋|来盘象棋
        玩井字棋|玩二十个问题|石头剪刀布|剪刀石头布|真心话大冒险|考考我|问我一个问题|出一道题考我|来个智力题
        猜我想的数字|猜一个1到{n}之间的数|想一个1到{n}之间的数|给我一个1到{n}的随机数|红黄蓝后面是什么|填字游戏
        的地得怎么用|“画蛇添足”是什么意思|这句歇后语下半句是什么|给词语排序|跟我念：{phrase}|说“{phrase}”
        补全句子：早起的鸟儿|绕口令|说个绕口令|飞花令|接下句：春眠不觉晓|举头望明月的下一句|白日依山尽下一句
        谁知盘中餐的作者|strawberry有几个r|打一字：{word}"""),
        words("词语和游戏我没有学过。|我不会玩游戏，也不懂词语。"),
        words("用户问的是词语或游戏，我没有学过。"),
        2,
    ),
)
