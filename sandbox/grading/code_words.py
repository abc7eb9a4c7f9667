"""What drugs, allergies, diagnoses, panels and examinations are called, for whoever reads a journal.

The same words as fixtures/reference (a test compares the two): the core knows no dataset.
"""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[str, str]

# A list's name, then a line per code: the code, its words in zh | en.
_TABLE = """
drugs
  M001 阿莫西林胶囊 | Amoxicillin
  M002 阿莫西林克拉维酸钾片 | Amoxicillin/clavulanate
  M003 注射用青霉素钠 | Benzylpenicillin sodium
  M004 头孢呋辛酯片 | Cefuroxime axetil
  M005 头孢克肟胶囊 | Cefixime
  M006 注射用头孢曲松钠 | Ceftriaxone sodium
  M007 注射用头孢哌酮钠舒巴坦钠 | Cefoperazone/sulbactam
  M008 阿奇霉素片 | Azithromycin
  M009 克拉霉素片 | Clarithromycin
  M010 左氧氟沙星片 | Levofloxacin
  M011 盐酸莫西沙星片 | Moxifloxacin
  M012 甲硝唑片 | Metronidazole
  M013 复方磺胺甲噁唑片 | Sulfamethoxazole/trimethoprim
  M014 硫酸庆大霉素注射液 | Gentamicin sulfate
  M015 注射用盐酸万古霉素 | Vancomycin
  M016 注射用美罗培南 | Meropenem
  M017 磷酸奥司他韦胶囊 | Oseltamivir
  M018 阿昔洛韦片 | Aciclovir
  M019 恩替卡韦分散片 | Entecavir
  M020 氟康唑胶囊 | Fluconazole
  M021 对乙酰氨基酚片 | Paracetamol
  M022 布洛芬缓释胶囊 | Ibuprofen SR
  M023 双氯芬酸钠缓释片 | Diclofenac sodium SR
  M024 塞来昔布胶囊 | Celecoxib
  M025 阿司匹林肠溶片 | Aspirin EC
  M026 盐酸曲马多缓释片 | Tramadol SR
  M027 盐酸吗啡注射液 | Morphine hydrochloride
  M028 盐酸哌替啶注射液 | Pethidine
  M029 地西泮片 | Diazepam
  M030 艾司唑仑片 | Estazolam
  M031 苯磺酸氨氯地平片 | Amlodipine
  M032 硝苯地平控释片 | Nifedipine GITS
  M033 缬沙坦胶囊 | Valsartan
  M034 马来酸依那普利片 | Enalapril
  M035 琥珀酸美托洛尔缓释片 | Metoprolol succinate ER
  M036 富马酸比索洛尔片 | Bisoprolol
  M037 氢氯噻嗪片 | Hydrochlorothiazide
  M038 呋塞米片 | Furosemide
  M039 螺内酯片 | Spironolactone
  M040 单硝酸异山梨酯缓释片 | Isosorbide mononitrate SR
  M041 硝酸甘油片 | Nitroglycerin
  M042 阿托伐他汀钙片 | Atorvastatin calcium
  M043 辛伐他汀片 | Simvastatin
  M044 硫酸氢氯吡格雷片 | Clopidogrel
  M045 华法林钠片 | Warfarin sodium
  M046 利伐沙班片 | Rivaroxaban
  M047 依诺肝素钠注射液 | Enoxaparin sodium
  M048 地高辛片 | Digoxin
  M049 盐酸胺碘酮片 | Amiodarone
  M050 盐酸二甲双胍片 | Metformin
  M051 格列美脲片 | Glimepiride
  M052 阿卡波糖片 | Acarbose
  M053 达格列净片 | Dapagliflozin
  M054 门冬胰岛素30注射液 | Insulin aspart 30
  M055 甘精胰岛素注射液 | Insulin glargine
  M056 左甲状腺素钠片 | Levothyroxine sodium
  M057 甲巯咪唑片 | Thiamazole
  M058 醋酸泼尼松片 | Prednisone acetate
  M059 地塞米松磷酸钠注射液 | Dexamethasone sodium phosphate
  M060 奥美拉唑肠溶胶囊 | Omeprazole EC
  M061 铝碳酸镁咀嚼片 | Hydrotalcite
  M062 多潘立酮片 | Domperidone
  M063 蒙脱石散 | Smectite powder
  M064 乳果糖口服溶液 | Lactulose oral solution
  M065 双歧杆菌三联活菌胶囊 | Bifid triple viable capsules
  M066 盐酸氨溴索片 | Ambroxol
  M067 孟鲁司特钠片 | Montelukast sodium
  M068 硫酸沙丁胺醇吸入气雾剂 | Salbutamol inhaler
  M069 布地奈德福莫特罗粉吸入剂 | Budesonide/formoterol
  M070 氢溴酸右美沙芬片 | Dextromethorphan
  M071 氯雷他定片 | Loratadine
  M072 盐酸西替利嗪片 | Cetirizine
  M073 卡马西平片 | Carbamazepine
  M074 丙戊酸钠缓释片 | Sodium valproate SR
  M075 盐酸舍曲林片 | Sertraline
  M076 草酸艾司西酞普兰片 | Escitalopram
  M077 甲钴胺片 | Mecobalamin
  M078 别嘌醇片 | Allopurinol
  M079 非布司他片 | Febuxostat
  M080 碳酸钙D3片 | Calcium carbonate/vitamin D3
  M081 氯化钾缓释片 | Potassium chloride SR
  M082 氯化钾注射液 | Potassium chloride injection
  M083 0.9%氯化钠注射液 | Sodium chloride 0.9%
  M084 5%葡萄糖注射液 | Glucose 5%
  M085 葡萄糖酸钙注射液 | Calcium gluconate injection
  M086 盐酸肾上腺素注射液 | Epinephrine
  M087 缩宫素注射液 | Oxytocin
  M088 枸橼酸西地那非片 | Sildenafil
  M089 连花清瘟胶囊 | Lianhua Qingwen capsules
  M090 复方丹参滴丸 | Compound Danshen dripping pills
allergy_classes
  PEN 青霉素类 | Penicillins
  CEPH 头孢菌素类 | Cephalosporins
  CARBA 碳青霉烯类 | Carbapenems
  MACRO 大环内酯类 | Macrolides
  QUIN 喹诺酮类 | Quinolones
  SULFA 磺胺类(抗菌) | Sulfonamides (antibacterial)
  SULFA_NA 非抗菌磺胺类 | Non-antibacterial sulfonamides
  AMINO 氨基糖苷类 | Aminoglycosides
  NIMID 硝基咪唑类 | Nitroimidazoles
  NSAID 非甾体抗炎药 | NSAIDs incl. aspirin
  OPIOID 阿片类 | Opioids
  AROM_AED 芳香族抗癫痫药 | Aromatic antiepileptics
  STATIN 他汀类 | Statins
  ACEI 血管紧张素转换酶抑制剂 | ACE inhibitors (incl. angioedema)
  HEPARIN 肝素类 | Heparins (incl. HIT)
  INSULIN 胰岛素类 | Insulins
  IODINE 碘对比剂 | Iodinated contrast media
  GADO 钆对比剂 | Gadolinium contrast media
  LOCAL_A 局部麻醉药 | Local anaesthetics
  EGG 鸡蛋 | Egg
  SEAFOOD 海鲜 | Seafood
  PEANUT 花生 | Peanut
  LATEX 乳胶 | Latex
  POLLEN 花粉 | Pollen
  MITE 尘螨 | House dust mite
  NKA 无已知过敏 | No known allergy
icd10
  A09 其他和未特指的感染性胃肠炎和结肠炎 | Other gastroenteritis and colitis of infectious and unspecified origin
  A15.0 肺结核,痰镜检证实 | Pulmonary tuberculosis, sputum microscopy confirmed
  A41.9 败血症(脓毒症) | Sepsis, unspecified
  B02.9 带状疱疹不伴并发症 | Zoster without complication
  B18.1 慢性乙型病毒性肝炎 | Chronic viral hepatitis B
  B34.9 病毒感染 | Viral infection, unspecified
  C16.9 胃恶性肿瘤 | Malignant neoplasm of stomach, unspecified
  C34.9 支气管或肺恶性肿瘤 | Malignant neoplasm of bronchus or lung, unspecified
  C50.9 乳房恶性肿瘤 | Malignant neoplasm of breast, unspecified
  D25.9 子宫平滑肌瘤 | Leiomyoma of uterus, unspecified
  D50.9 缺铁性贫血 | Iron deficiency anaemia, unspecified
  E03.9 甲状腺功能减退症 | Hypothyroidism, unspecified
  E05.9 甲状腺毒症(甲状腺功能亢进) | Thyrotoxicosis, unspecified
  E10.9 1型糖尿病不伴有并发症 | Type 1 diabetes mellitus without complications
  E11.2 2型糖尿病伴有肾的并发症 | Type 2 diabetes mellitus with renal complications
  E11.9 2型糖尿病不伴有并发症 | Type 2 diabetes mellitus without complications
  E78.5 高脂血症 | Hyperlipidaemia, unspecified
  E87.5 高钾血症 | Hyperkalaemia
  E87.6 低钾血症 | Hypokalaemia
  F32.9 抑郁发作 | Depressive episode, unspecified
  F41.1 广泛性焦虑障碍 | Generalized anxiety disorder
  G40.9 癫痫 | Epilepsy, unspecified
  G43.9 偏头痛 | Migraine, unspecified
  H10.9 结膜炎 | Conjunctivitis, unspecified
  H25.9 老年性白内障 | Senile cataract, unspecified
  H66.9 中耳炎 | Otitis media, unspecified
  I10 特发性(原发性)高血压 | Essential (primary) hypertension
  I20.0 不稳定性心绞痛 | Unstable angina
  I21.9 急性心肌梗死 | Acute myocardial infarction, unspecified
  I25.1 动脉硬化性心脏病(冠心病) | Atherosclerotic heart disease
  I48.9 心房颤动和心房扑动 | Atrial fibrillation and atrial flutter, unspecified
  I50.9 心力衰竭 | Heart failure, unspecified
  I61.9 脑内出血 | Intracerebral haemorrhage, unspecified
  I63.9 脑梗死 | Cerebral infarction, unspecified
  J03.9 急性扁桃体炎 | Acute tonsillitis, unspecified
  J06.9 急性上呼吸道感染 | Acute upper respiratory infection, unspecified
  J11.1 流行性感冒伴其他呼吸道表现,病毒未标明 | Influenza with other respiratory manifestations, virus not identified
  J18.9 肺炎 | Pneumonia, unspecified
  J20.9 急性支气管炎 | Acute bronchitis, unspecified
  J30.4 变应性鼻炎 | Allergic rhinitis, unspecified
  J44.1 慢性阻塞性肺病伴急性加重 | COPD with acute exacerbation, unspecified
  J45.9 哮喘 | Asthma, unspecified
  K21.0 胃-食管反流病伴食管炎 | Gastro-oesophageal reflux disease with oesophagitis
  K26.9 十二指肠溃疡不伴出血或穿孔 | Duodenal ulcer without haemorrhage or perforation
  K29.5 慢性胃炎 | Chronic gastritis, unspecified
  K35.8 急性阑尾炎 | Acute appendicitis, other and unspecified
  K40.9 单侧腹股沟疝不伴梗阻或坏疽 | Unilateral inguinal hernia without obstruction or gangrene
  K59.0 便秘 | Constipation
  K74.6 肝硬化 | Cirrhosis of liver, other and unspecified
  K80.2 胆囊结石不伴胆囊炎 | Calculus of gallbladder without cholecystitis
  K85.9 急性胰腺炎 | Acute pancreatitis, unspecified
  L20.9 特应性皮炎 | Atopic dermatitis, unspecified
  L50.9 荨麻疹 | Urticaria, unspecified
  M10.9 痛风 | Gout, unspecified
  M17.9 膝关节病 | Gonarthrosis, unspecified
  M51.2 其他特指的椎间盘移位(椎间盘突出) | Other specified intervertebral disc displacement
  M54.5 下背痛 | Low back pain
  N10 急性肾小管-间质肾炎(急性肾盂肾炎) | Acute tubulo-interstitial nephritis
  N18.5 慢性肾脏病5期 | Chronic kidney disease, stage 5
  N18.9 慢性肾脏病 | Chronic kidney disease, unspecified
  N20.1 输尿管结石 | Calculus of ureter
  N39.0 泌尿道感染 | Urinary tract infection, site not specified
  N40 前列腺增生 | Hyperplasia of prostate
  N76.0 急性阴道炎 | Acute vaginitis
  O24.4 妊娠期发生的糖尿病 | Diabetes mellitus arising in pregnancy
  O80.9 单胎顺产 | Single spontaneous delivery, unspecified
  O82.9 经剖宫产术的单胎分娩 | Delivery by caesarean section, unspecified
  P59.9 新生儿黄疸 | Neonatal jaundice, unspecified
  R07.4 胸痛 | Chest pain, unspecified
  R10.4 腹痛 | Other and unspecified abdominal pain
  R50.9 发热 | Fever, unspecified
  R55 晕厥和虚脱 | Syncope and collapse
  S06.0 脑震荡 | Concussion
  S52.5 桡骨下端骨折 | Fracture of lower end of radius
  S72.0 股骨颈骨折 | Fracture of neck of femur
  T78.2 过敏性休克 | Anaphylactic shock, unspecified
  T88.7 药物的有害效应 | Unspecified adverse effect of drug or medicament
  U07.1 新型冠状病毒感染,病毒已确认 | COVID-19, virus identified
  Z00.0 一般性医学检查 | General medical examination
  Z34.9 正常妊娠监督 | Supervision of normal pregnancy, unspecified
lab_panels
  P-CBC 血细胞分析(五分类) | Complete blood count, 5-diff
  P-LFT 肝功能 | Liver function
  P-RFT 肾功能 | Renal function
  P-ELE 电解质 | Electrolytes
  P-GLU 葡萄糖测定 | Glucose
  P-LIP 血脂四项 | Lipid profile
  P-HBA 糖化血红蛋白 | HbA1c
  P-COA 凝血四项+D-二聚体 | Coagulation + D-dimer
  P-CAR 心肌损伤标志物 | Cardiac markers
  P-BNP N末端脑钠肽前体 | NT-proBNP
  P-INF 感染指标(CRP+PCT) | CRP + procalcitonin
  P-THY 甲状腺功能三项 | Thyroid function
  P-AMY 淀粉酶 | Amylase
  P-ABG 血气分析 | Arterial blood gas
  P-URI 尿液分析 | Urinalysis
  P-STO 粪便常规+隐血 | Stool routine + occult blood
  P-INV 输血前检查(乙肝表面抗原/丙肝/艾滋/梅毒) | Pre-transfusion infectious screen
  P-ABO 血型鉴定(ABO+RhD) | Blood group ABO + RhD
  P-HCG 血β-人绒毛膜促性腺激素 | Serum beta-hCG
  P-TUM 肿瘤标志物(AFP+CEA) | Tumour markers AFP + CEA
  P-BCU 血培养及鉴定 | Blood culture & ID
imaging_exams
  I001 胸部正位DR | Chest X-ray, PA
  I002 胸部正侧位DR | Chest X-ray, PA & lateral
  I003 腹部立位平片 | Abdominal X-ray, erect
  I004 膝关节正侧位DR | Knee X-ray, AP & lateral
  I005 腕关节正侧位DR | Wrist X-ray, AP & lateral
  I006 腰椎正侧位DR | Lumbar spine X-ray
  I007 头颅CT平扫 | Head CT, non-contrast
  I008 胸部CT平扫 | Chest CT, non-contrast
  I009 胸部CT增强 | Chest CT, contrast
  I010 全腹CT平扫 | Abdomen CT, non-contrast
  I011 全腹CT增强 | Abdomen CT, contrast
  I012 冠状动脉CTA | Coronary CT angiography
  I013 肺动脉CTA | CT pulmonary angiography
  I014 头颅MRI平扫+DWI | Brain MRI with DWI
  I015 头颅MRI增强 | Brain MRI, contrast
  I016 腰椎MRI平扫 | Lumbar spine MRI
  I017 膝关节MRI平扫 | Knee MRI
  I018 肝胆胰脾彩超 | Abdominal ultrasound
  I019 泌尿系彩超 | Urinary tract ultrasound
  I020 甲状腺彩超 | Thyroid ultrasound
  I021 乳腺彩超 | Breast ultrasound
  I022 经腹子宫附件彩超 | Pelvic ultrasound, transabdominal
  I023 产科彩超(中晚孕) | Obstetric ultrasound
  I024 心脏彩超 | Echocardiography
  I025 下肢静脉彩超 | Lower-limb venous Doppler
  I026 常规十二导联心电图 | 12-lead ECG
  I027 24小时动态心电图 | 24-hour Holter
  I028 电子胃镜检查 | Gastroscopy
"""


def _read(text: str) -> dict[str, dict[str, Pair]]:
    lists: dict[str, dict[str, Pair]] = {}
    for line in text.strip().splitlines():
        if not line.startswith(" "):
            codes = lists.setdefault(line, {})
            continue
        code, _, told = line.strip().partition(" ")
        zh, _, en = told.partition(" | ")
        codes[code] = (zh, en)
    return lists


NAMES: Mapping[str, Mapping[str, Pair]] = _read(_TABLE)
_SERVICES = ("drugs", "lab_panels", "imaging_exams")
"""Lists whose codes stand together in what an alert is about."""


def name(list_id: str, code: str) -> Pair | None:
    """Return the words of a code, None if nobody names it."""
    lists = _SERVICES if list_id in _SERVICES else (list_id,)
    return next((NAMES[each][code] for each in lists if code in NAMES.get(each, {})), None)
